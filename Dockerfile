# One static binary in an empty image: no shell, no package manager, no root.
#
#   echo "ENCRYPTION_KEY=$(openssl rand -base64 32)" > .env
#   docker build --build-arg COMMIT="$(git rev-parse HEAD)" -t introspect .
#   docker run --detach --name introspect -p 127.0.0.1:8080:8080 -v introspect:/data --env-file .env introspect
#   docker exec introspect /introspect doctor
#
# The key has to be the same at every start, and a copy of it belongs elsewhere:
# without it the data in the volume cannot be read.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# The history stays outside (.dockerignore), so the commit is handed in.
ARG COMMIT=""
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.commit=${COMMIT}" -o /out/introspect ./cmd/introspect \
	&& mkdir -p /out/folders && mkdir -m 0700 /out/folders/data /out/folders/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/introspect /introspect
# /data, from which a new volume takes its owner and its mode, and /tmp, where
# SQLite puts large sorts. Copied as what lies in a folder, they keep their mode.
COPY --from=build --chown=65532:65532 /out/folders/ /
USER 65532:65532
ENV INTROSPECT_ENV=production DATA_DIR=/data PORT=8080
EXPOSE 8080
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 CMD ["/introspect", "healthcheck"]
ENTRYPOINT ["/introspect"]
CMD ["serve"]
