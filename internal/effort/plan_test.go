package effort_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/effort"
	"applicreations.com/introspect/internal/slot"
)

func at(from, to int) effort.Span { return effort.Span{From: from, To: to} }

func TestPlan(t *testing.T) {
	t.Parallel()
	cat := &catalog.Catalog{Features: []catalog.Feature{{ID: "short", MaxDays: 5}, {ID: "long", MaxDays: 30}}}
	standard := slot.Values{slot.BusinessModel: "service", slot.AcceptsPayments: "yes", slot.UpdateFrequency: "monthly"}
	complexSite := slot.Values{
		slot.BusinessModel: "membership", slot.AcceptsPayments: "yes", slot.HasMembers: "yes",
		slot.UpdateFrequency: "daily", slot.ComplianceRequirements: "GDPR",
	}
	tests := []struct {
		name     string
		v        slot.Values
		more     slot.Values
		selected []catalog.FeatureID
		want     effort.Plan
	}{
		{
			name: "four weeks overlap design with kickoff and testing with development",
			want: effort.Plan{at(1, 1), at(1, 2), at(1, 2), at(2, 3), at(3, 3), at(4, 4), at(4, 4)},
		},
		{
			name: "five weeks test in the last week of development",
			more: slot.Values{slot.LogoStatus: "need"},
			want: effort.Plan{at(1, 1), at(1, 2), at(1, 2), at(3, 4), at(4, 4), at(5, 5), at(5, 5)},
		},
		{
			name: "six weeks review in the week of the launch",
			v:    standard,
			want: effort.Plan{at(1, 1), at(1, 2), at(1, 2), at(3, 4), at(5, 5), at(6, 6), at(6, 6)},
		},
		{
			name: "seven weeks give the launch a week of its own",
			v:    standard, more: slot.Values{slot.LogoStatus: "need"},
			want: effort.Plan{at(1, 1), at(1, 2), at(1, 2), at(3, 4), at(5, 5), at(6, 6), at(7, 7)},
		},
		{
			name: "eight weeks put everything in a row and wait for the texts",
			v:    standard, more: slot.Values{slot.ContentReadiness: "need_help"},
			want: effort.Plan{at(1, 1), at(2, 5), at(2, 3), at(4, 5), at(6, 6), at(7, 7), at(8, 8)},
		},
		{
			name: "ten complex weeks develop for four",
			v:    complexSite,
			want: effort.Plan{at(1, 1), at(2, 3), at(2, 3), at(4, 7), at(8, 8), at(9, 9), at(10, 10)},
		},
		{
			name: "thirteen complex weeks develop for six and design for three",
			v:    complexSite, more: slot.Values{slot.ContentReadiness: "need_help", slot.LogoStatus: "need"},
			want: effort.Plan{at(1, 1), at(2, 5), at(2, 4), at(5, 10), at(11, 11), at(12, 12), at(13, 13)},
		},
		{
			name: "a long feature starts beside the design",
			v:    complexSite, selected: []catalog.FeatureID{"long"},
			want: effort.Plan{at(1, 1), at(2, 3), at(2, 3), at(2, 7), at(8, 8), at(9, 9), at(10, 10)},
		},
		{
			name: "a feature as long as the plan takes all weeks before testing",
			v:    standard, selected: []catalog.FeatureID{"long"},
			want: effort.Plan{at(1, 1), at(1, 2), at(1, 2), at(1, 4), at(5, 5), at(6, 6), at(6, 6)},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := slot.Values{effort.WebsiteType: "business"}
			for _, part := range []slot.Values{tt.v, tt.more} {
				for k, value := range part {
					v[k] = value
				}
			}
			got := effort.NewPlan(v, tt.selected, cat)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("NewPlan(%v) (-want +got):\n%s", v, diff)
			}
		})
	}
}

func TestSpanString(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]effort.Span{"week 3": at(3, 3), "weeks 2-4": at(2, 4)} {
		if got := s.String(); got != want {
			t.Errorf("%#v.String() = %q, want %q", s, got, want)
		}
	}
	if got := at(2, 4).Weeks(); got != 3 {
		t.Errorf("Span{2, 4}.Weeks() = %d, want 3", got)
	}
}
