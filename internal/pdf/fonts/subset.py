"""Makes the font files of this folder; see README.md for how to run it."""

import sys
from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

PLAIN = (
    [(0x20, 0x7E), (0xA0, 0x24F), (0x250, 0x2AF), (0x2B0, 0x2FF), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x52F)]
    + [(0x1E00, 0x1EFF), (0x1F00, 0x1FFF), (0x2010, 0x2027), (0x2030, 0x205E), (0x2070, 0x209C), (0x20A0, 0x20BF)]
    + [(0x2100, 0x214F), (0x2150, 0x215F), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x25A0, 0x25FF), (0x2713, 0x2717), (0xFB00, 0xFB06), (0xFFFD, 0xFFFD)]
)
HEBREW = [(0x20, 0x22), (0x28, 0x29), (0x591, 0x5F4), (0xFB1D, 0xFB4F), (0x20AA, 0x20AA)]
ARABIC = [(0x20, 0x22), (0x28, 0x29), (0x600, 0x6FF), (0xFB50, 0xFBFF), (0xFE70, 0xFEFC)]
HAN_MARKS = [(0x3000, 0x303F), (0x3041, 0x30FF), (0x31F0, 0x31FF), (0xFF01, 0xFF9F), (0xFFE0, 0xFFE6), (0x20, 0x22), (0x28, 0x29)]


def level(encoding, first, last):
    """Characters of the rows first to last of a 94 by 94 character set."""
    out = set()
    for row in range(first, last + 1):
        for cell in range(1, 95):
            try:
                out.add(ord(bytes([0xA0 + row, 0xA0 + cell]).decode(encoding)))
            except (UnicodeDecodeError, TypeError):
                pass
    return out


def big5():
    """The frequent characters of Big5."""
    out = set()
    for row in range(0xA4, 0xC7):
        for cell in list(range(0x40, 0x7F)) + list(range(0xA1, 0xFF)):
            try:
                out.add(ord(bytes([row, cell]).decode("big5")))
            except (UnicodeDecodeError, TypeError):
                pass
    return out


def spread(ranges):
    return {c for a, b in ranges for c in range(a, b + 1)}


def quadratic(font, max_err):
    """Turns cubic outlines into the quadratic ones of TrueType."""
    order = font.getGlyphOrder()
    glyphs, source = {}, font.getGlyphSet()
    for name in order:
        pen = TTGlyphPen(source)
        source[name].draw(Cu2QuPen(pen, max_err, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = glyf = newTable("glyf")
    glyf.glyphOrder, glyf.glyphs = order, glyphs
    for name, glyph in glyphs.items():
        glyph.recalcBounds(glyf)
        font["hmtx"][name] = (font["hmtx"][name][0], glyph.xMin if glyph.numberOfContours else 0)
    del font["CFF "]
    if "VORG" in font:
        del font["VORG"]
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    for field in ("maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements", "maxSizeOfInstructions", "maxComponentElements", "maxPoints", "maxContours", "maxCompositePoints", "maxCompositeContours", "maxComponentDepth"):
        setattr(maxp, field, 1 if field == "maxZones" else 0)
    font["post"].formatType = 3.0
    font.sfntVersion = "\000\001\000\000"


def even_digits(font):
    """Makes the digits of equal width, tnum, those that the text gets."""
    gsub = font["GSUB"].table
    for record in gsub.FeatureList.FeatureRecord:
        if record.FeatureTag != "tnum":
            continue
        for index in record.Feature.LookupListIndex:
            for sub in gsub.LookupList.Lookup[index].SubTable:
                swap = getattr(sub, "ExtSubTable", sub).mapping
                for table in font["cmap"].tables:
                    for char in range(0x30, 0x3A):
                        table.cmap[char] = swap.get(table.cmap[char], table.cmap[char])
        return


def make(source, target, chars, number=-1, max_err=None, even=False):
    font = TTFont(source, fontNumber=number) if number >= 0 else TTFont(source)
    if even:
        even_digits(font)
    options = subset.Options(
        layout_features=[], hinting=False, glyph_names=False, notdef_outline=True, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        drop_tables=["GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "DSIG", "MVAR", "STAT", "HVAR", "fpgm", "prep", "cvt ", "gasp", "meta"],
    )
    worker = subset.Subsetter(options)
    worker.populate(unicodes=chars)
    worker.subset(font)
    if max_err is not None:
        quadratic(font, max_err)
    font.flavor = None
    font.save(target)
    print(target, len(font.getBestCmap()), "characters")


if __name__ == "__main__":
    inter, noto, cjk = sys.argv[1:4]
    make(f"{inter}/web/Inter-Regular.woff2", "Inter-Regular.ttf", spread(PLAIN), even=True)
    make(f"{inter}/web/Inter-SemiBold.woff2", "Inter-SemiBold.ttf", spread(PLAIN), even=True)
    make(f"{inter}/display/InterDisplay-SemiBold.woff2", "InterDisplay-SemiBold.ttf", spread(PLAIN))
    make(f"{noto}/NotoSansHebrew-Regular.ttf", "NotoSansHebrew.ttf", spread(HEBREW))
    make(f"{noto}/NotoSansArabic-Regular.ttf", "NotoSansArabic.ttf", spread(ARABIC))
    common = level("gb2312", 16, 55) | level("euc_jp", 16, 47) | level("euc_kr", 16, 40) | big5()
    make(cjk, "NotoSansSC.ttf", common | spread(HAN_MARKS), number=2, max_err=6)
