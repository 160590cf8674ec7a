"""One door from a torch module to the fastest callable this machine has for it.

CUDA: torch in bf16. CPU: OpenVINO, compiled from the module in memory. Neither: eager
torch, with a warning, because it is several times slower.

On the CPU each picture is a run of its own, on one thread, and as many run side by side
as `threads` says; only a lone picture is given all of them. No run among several waits for
another at a barrier, which is what makes small layers stall when somebody else uses the
processor, and a picture's numbers do not depend on what else stands in its batch. Measured
against larger batches and against two threads a run, this is also the fastest for many
(`python -m benchmarks.throughput`).
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from socialsense.arrays import Float32
from socialsense.precision import Gate

if TYPE_CHECKING:
    from torch import nn

EAGER_BATCH = 16

Precision = Literal["f32", "bf16"]
Shape = tuple[int, int, int]
"""Channels, height, width of one picture."""

log = logging.getLogger(__name__)
_converting = threading.Lock()  # tracing changes torch's global state
_eager = threading.Lock()  # two teams of OpenMP threads on one processor stall each other


class Network(Protocol):
    """What `fastest` gives. May be called from several threads at once."""

    runtime: str
    """What runs it, in words."""

    def __call__(self, pictures: Float32) -> Float32:
        """(N, C, H, W) to (N, D)."""
        ...


def fastest(
    module: nn.Module, shape: Shape, *, threads: int | None = None, gate: Gate | None = None
) -> Network:
    """The module, ready to run; it is put in evaluation mode and must map (N, C, H, W) to (N, D).

    `threads`: of the processor, by default `cores()`. Without a gate the CPU computes
    in float32.
    """
    module.eval()
    threads = threads or cores()
    if any(parameter.is_cuda for parameter in module.parameters()) or _has_cuda():
        return _Cuda(module)
    try:
        model = _converted(module, shape)
    except Exception as error:  # noqa: BLE001 (whatever a converter dislikes, torch can run)
        return _instead(module, threads, error)
    precision = _precision(module, model, threads, gate) if gate else "f32"
    try:
        return _OpenVino(model, threads, precision)
    except Exception as error:  # noqa: BLE001 (the same of its compiler)
        return _instead(module, threads, error)


def _instead(module: nn.Module, threads: int, error: Exception) -> Eager:
    reason = (str(error).strip() or type(error).__name__).splitlines()[-1]
    name = type(module).__name__
    log.warning("OpenVINO cannot run %s (%s); torch does, several times slower.", name, reason)
    return Eager(module, threads)


def cores() -> int:
    """Processors this process may use; OMP_NUM_THREADS can lower the number."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
    available = available or os.cpu_count() or 1
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(available, int(limit)) if limit.isdigit() and int(limit) else available


class Eager:
    """torch as it is: the reference, and the way out where nothing else works."""

    runtime = "torch"

    def __init__(self, module: nn.Module, threads: int | None = None) -> None:
        self.module = module
        self.threads = threads or cores()

    def __call__(self, pictures: Float32) -> Float32:
        """(N, C, H, W) to (N, D)."""
        import torch

        if not len(pictures):
            return self(np.zeros((1, *pictures.shape[1:]), np.float32))[:0]
        with _eager, _torch_threads(self.threads), torch.inference_mode():
            return np.concatenate(
                [
                    self.module(torch.tensor(pictures[start : start + EAGER_BATCH])).numpy()
                    for start in range(0, len(pictures), EAGER_BATCH)
                ]
            )


class _Cuda:
    runtime = "torch, CUDA, bf16"
    batch = 64

    def __init__(self, module: nn.Module) -> None:
        self.module = module.cuda()

    def __call__(self, pictures: Float32) -> Float32:
        """(N, C, H, W) to (N, D)."""
        import torch

        if not len(pictures):
            return self(np.zeros((1, *pictures.shape[1:]), np.float32))[:0]
        with torch.inference_mode(), torch.autocast("cuda", torch.bfloat16):
            rows = [
                self.module(torch.tensor(pictures[start : start + self.batch], device="cuda"))
                for start in range(0, len(pictures), self.batch)
            ]
            table: Float32 = torch.cat(rows).float().cpu().numpy()
        return table


class _OpenVino:
    def __init__(self, model: Any, threads: int, precision: Precision) -> None:
        self._model, self._threads, self._precision = model, threads, precision
        self._compiled = self._compile(streams=threads)
        self._shape = tuple(self._compiled.input(0).shape)
        self._width = int(self._compiled.output(0).shape[1])
        self._local = threading.local()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="inference")
        self._lone: Any = None
        self._met_lone = False
        self._compiling = threading.Lock()
        self.runtime = f"OpenVINO, {precision}, {threads} threads"

    def __call__(self, pictures: Float32) -> Float32:
        """(N, C, H, W) to (N, D)."""
        if pictures.shape[1:] != self._shape[1:]:
            raise ValueError(f"pictures are {pictures.shape[1:]}, not {self._shape[1:]}")
        ready = np.ascontiguousarray(pictures, np.float32)
        if len(ready) == 1 and self._threads > 1:
            return self._alone(ready)
        out = np.empty((len(pictures), self._width), np.float32)
        for row, answer in enumerate(self._pool.map(self._one, ready)):
            out[row] = answer
        return out

    def _alone(self, picture: Float32) -> Float32:
        """One picture on all threads, once a second one has come alone: it costs a compilation."""
        with self._compiling:
            if self._lone is None and self._met_lone:
                self._lone = self._compile(streams=1).create_infer_request()
            self._met_lone = True
            if self._lone is not None:
                return np.array(self._lone.infer([picture], share_inputs=True)[0], np.float32)
        return self._pool.submit(self._one, picture[0]).result()[None]

    def _one(self, picture: Float32) -> Float32:
        """One picture on this thread's own request: requests must not be shared."""
        if not hasattr(self._local, "request"):
            self._local.request = self._compiled.create_infer_request()
        answer: Float32 = self._local.request.infer([picture[None]], share_inputs=True)[0][0]
        return answer

    def _compile(self, streams: int) -> Any:
        options = {
            "INFERENCE_PRECISION_HINT": self._precision,
            "NUM_STREAMS": streams,
            "INFERENCE_NUM_THREADS": self._threads,
            "ENABLE_CPU_PINNING": False,  # other programs use these cores too
        }
        return _openvino().Core().compile_model(self._model, "CPU", options)


@contextmanager
def _torch_threads(number: int) -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _has_cuda() -> bool:
    import torch

    return torch.cuda.is_available()


def _openvino() -> Any:
    """OpenVINO without its telemetry, which would write to the home folder and call out."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino  # type: ignore[import-untyped]

    return openvino


def _converted(module: nn.Module, shape: Shape) -> Any:
    """An OpenVINO model of one picture."""
    import torch

    _openvino()
    from openvino.frontend import FrontEndManager  # type: ignore[import-untyped]
    from openvino.frontend.pytorch.ts_decoder import (  # type: ignore[import-untyped]
        TorchScriptPythonDecoder,
    )

    example = torch.zeros(1, *shape)
    with _converting, _torch_threads(1), torch.inference_mode(), warnings.catch_warnings():
        # One thread: a single picture is traced, and two wait seconds for a busy processor.
        warnings.simplefilter("ignore")  # tracing is deprecated; export takes ten times as long
        traced = torch.jit.trace(module, example, check_trace=False)  # type: ignore[no-untyped-call]
        decoder = TorchScriptPythonDecoder(torch.jit.freeze(traced), example_input=example)
        frontend = FrontEndManager().load_by_framework("pytorch")
        loaded = frontend.load(decoder)  # holds no reference to the decoder, so we do
        model = frontend.convert(loaded)
        model.reshape([1, *shape])
    return model


def _precision(module: nn.Module, model: Any, threads: int, gate: Gate) -> Precision:
    openvino = _openvino()
    core = openvino.Core()
    if "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        return "f32"
    machine = f"{core.get_property('CPU', 'FULL_DEVICE_NAME')} · OpenVINO {openvino.__version__}"
    exact = Eager(module, threads)
    passed = gate.passes(machine, exact, lambda: _OpenVino(model, threads, "bf16"))
    return "bf16" if passed else "f32"
