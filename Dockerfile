# The image contains Node, the packages that the server needs, and the server's own source. There is no build step: the
# container runs the files that you read. compose.yaml and docs/guides/deploy.md start it with as few rights as possible.

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# The optional packages are Node itself, for machines with an older Node. This image already has the right one.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
COPY server server
COPY client client
COPY web web
COPY cli cli
COPY plainchat plainchat
COPY check check
COPY course course
COPY docs/spec.md docs/spec.md
# With a strict umask, only the owner can read the files of a clone, but the server runs as another user.
RUN chmod -R a+rX,go-w .

FROM node:24-bookworm-slim
WORKDIR /app
# A new volume gets the owner of this folder.
RUN mkdir /data && chown 1000:1000 /data
COPY --from=packages /app/node_modules node_modules
COPY --from=packages /app/package.json package.json
COPY --from=packages /app/server server
COPY --from=packages /app/client client
COPY --from=packages /app/web web
COPY --from=packages /app/cli cli
COPY --from=packages /app/plainchat plainchat
COPY --from=packages /app/check check
COPY --from=packages /app/course course
COPY --from=packages /app/docs docs
ENV NODE_ENV=production PLAINCHAT_ROOT=/data PLAINCHAT_HOST=0.0.0.0 PLAINCHAT_PORT=8080
# The user `node` of the base image. It is given as a number, so that Kubernetes can see that it is not root.
USER 1000:1000
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["node", "server/healthcheck.ts"]
# This form starts no shell: the server is process 1 and receives the SIGTERM of `docker stop` directly.
CMD ["node", "server/main.ts"]
