# Loket as an image, for compose.yaml: the locked libraries, and a user of its own without rights.
FROM python:3.12-slim

WORKDIR /opt/loket
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock

COPY pyproject.toml hatch_build.py README.md LICENSE config.yaml ./
COPY standards standards
COPY templates templates
COPY bot bot
COPY channels channels
COPY storage storage
COPY handlers handlers
RUN pip install --no-cache-dir --no-deps --no-build-isolation .

RUN useradd --system --home-dir /var/lib/loket --create-home loket
USER loket
WORKDIR /var/lib/loket
ENTRYPOINT ["loket"]
CMD ["--help"]
