# One image for every role: docker-compose.yml says what each of them runs. No secret is in it.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STATE=/app/state \
    FILES=/app/evidence
WORKDIR /app

# One package's own pins contradict the set, so pip must not resolve it again.
COPY requirements.txt ./
RUN pip install --no-cache-dir --no-deps --requirement requirements.txt

COPY manage.py ./
COPY config config
COPY local local
COPY indexer indexer
COPY explorer explorer
COPY templates templates
COPY static static

# Style sheet and scripts are part of the image, so nothing may be mounted over STATE. A checkout may be
# closed to all but its owner. A volume over FILES begins as that folder is, its owner's too.
RUN SECRET_KEY=used-for-nothing python manage.py collectstatic --no-input \
    && python -m compileall -q . \
    && chmod -R a+rX . \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin chasm \
    && mkdir --mode=700 evidence \
    && chown chasm evidence
USER 10001

CMD ["python", "manage.py", "help"]
