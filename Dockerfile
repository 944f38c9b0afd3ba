# The image: Node, the packages that the server needs, and the server's own source. There is no build step: the
# container runs the files that you read. compose.yaml and docs/deploy.md start it with everything locked that can be.

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# The optional packages are Node itself, for machines that have an older one. This image has the right one.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
COPY server server
COPY client client
COPY web web
COPY cli cli
COPY check check
COPY docs/spec.md docs/spec.md
# A clone made under a strict umask has files that only its owner can read, and the server runs as somebody else.
RUN chmod -R a+rX,go-w .

FROM node:24-bookworm-slim
WORKDIR /app
# A new volume takes its owner from here.
RUN mkdir /data && chown 1000:1000 /data
COPY --from=packages /app/node_modules node_modules
COPY --from=packages /app/package.json package.json
COPY --from=packages /app/server server
COPY --from=packages /app/client client
COPY --from=packages /app/web web
COPY --from=packages /app/cli cli
COPY --from=packages /app/check check
COPY --from=packages /app/docs docs
ENV NODE_ENV=production PLAINCHAT_ROOT=/data PLAINCHAT_HOST=0.0.0.0 PLAINCHAT_PORT=8080
# The user `node` of the base image, by number, so that Kubernetes can see that it is not root.
USER 1000:1000
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["node", "server/healthcheck.ts"]
# In this form there is no shell in between: the server is process 1 and gets the SIGTERM of `docker stop` itself.
CMD ["node", "server/main.ts"]
