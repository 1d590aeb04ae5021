# The toolkit on the CPU:      docker build -t sparsedff .
# With CUDA (a GPU machine):   docker build -t sparsedff:cuda --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu128 .
# The first transfer:          docker run --rm -v "$PWD:/work" sparsedff demo        (CUDA: --gpus all sparsedff:cuda demo)
FROM python:3.12-slim

# torch's wheels bring the CUDA libraries; the machine brings the driver (NVIDIA Container Toolkit).
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ARG EXTRAS=studio,models,evaluate

COPY constraints.txt pyproject.toml README.md LICENSE /package/
COPY sparsedff /package/sparsedff
# torch alone comes from the second index: what pip finds in two indexes it takes from either.
RUN pip install --no-cache-dir -c /package/constraints.txt --index-url "$TORCH_INDEX" --no-deps torch \
    && pip install --no-cache-dir -c /package/constraints.txt "/package[$EXTRAS]" \
    && rm -rf /package

# What a command writes belongs to whoever owns the mounted folder: docker run --user "$(id -u):$(id -g)".
ENV HOME=/tmp
WORKDIR /work
ENTRYPOINT ["sparsedff"]
CMD ["--help"]
