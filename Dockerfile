# The one image of Redress: every service is it with another command. Built from the hash lock.
ARG PYTHON_IMAGE=python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/redress
WORKDIR /build
COPY requirements-server.lock ./
RUN /opt/redress/bin/pip install --no-deps --only-binary :all: --require-hashes -r requirements-server.lock
COPY pyproject.toml README.md LICENSE ./
COPY activities activities
COPY channels channels
COPY console console
COPY domain domain
COPY embedded embedded
COPY policies policies
COPY records records
COPY starter starter
COPY workers workers
COPY workflows workflows
RUN /opt/redress/bin/pip install --no-deps --no-index --no-build-isolation .

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="Redress" org.opencontainers.image.licenses="Apache-2.0"
# Readable by whichever user the service runs as; the data directory is that user's.
RUN install -d -m 1777 /var/lib/redress
COPY --from=build /opt/redress /opt/redress
ENV PATH=/opt/redress/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /var/lib/redress
USER 10001:10001
ENTRYPOINT ["redress"]
CMD ["--help"]
