"""From a Python function to an object file, by numba's compiler with what kernels do not need left out.

Kernels are plain loops: they hold no Python objects, make no closures and allocate nothing. So only those
of numba's passes are run that such functions need, LLVM does not look for reference counts, and what an
operator means for some types is found out once. All of numba's that is no public interface is used here and
in `wrappers`.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import codegen, compiler, compiler_lock, lowering, sigutils, typing
from numba.core.compiler_machinery import PassManager, register_pass
from numba.core.registry import cpu_target
from numba.core.typed_passes import (
    BaseNativeLowering,
    IRLegalization,
    NoPythonBackend,
    NopythonTypeInference,
    PreLowerStripPhis,
)
from numba.core.untyped_passes import FixupArgs, IRProcessing, ReconstructSSA, TranslateByteCode

from .operator_wrappers import OBJECT_WRAPPERS
from .wrappers import WRAPPERS

_WRAPPERS = WRAPPERS | OBJECT_WRAPPERS


def object_code(
    function: Callable[..., Any], signature: str, symbol: str, wrapper: str, fastmath: frozenset[str]
) -> bytes:
    """An object file with `symbol`: a function for the types of a signature, in one of the `wrappers`.

    For operators, with `symbol_0` and so on.
    """
    collecting = gc.isenabled()
    gc.disable()  # the compiler makes a million objects, and nearly all of them stay: a tenth of its time
    try:
        with compiler_lock.global_compiler_lock:
            return _compiled(function, signature, symbol, _WRAPPERS[wrapper], fastmath)
    finally:
        if collecting:
            gc.enable()


def _compiled(
    function: Callable[..., Any], signature: str, symbol: str, wrapper: Any, fastmath: frozenset[str]
) -> bytes:
    target = cpu_target.target_context
    arguments, result = sigutils.normalize_signature(signature)
    flags = compiler.Flags()
    options = {"nopython": True, "error_model": "numpy", "boundscheck": False, "fastmath": set(fastmath)}
    cpu_target.options.parse_as_flags(flags, options)
    flags.nrt = False  # nothing is allocated
    flags.no_cpython_wrapper, flags.no_cfunc_wrapper, flags.no_compile = True, True, True
    library = _Library(target.codegen(), symbol)
    made = compiler.compile_extra(
        _Remembering(cpu_target.typing_context),
        target,
        function,
        arguments,
        result or types.void,
        flags,
        {},
        library=library,
        pipeline_class=_Pipeline,
    )
    module = target.create_module(f"{symbol}_wrapper")
    form = target.call_conv.get_function_type(made.fndesc.restype, made.fndesc.argtypes)
    callee = ir.Function(module, form, made.fndesc.llvm_func_name)
    wrapper(target, module, callee, made.signature, symbol)
    library.add_ir_module(module)
    return library.emitted(symbol)


class _Remembering(typing.Context):
    """Another face of numba's typing context: it remembers what functions mean for which types.

    numba asks every rule for `+`, those of numpy's arrays among them, each time that two integers are added.
    """

    def __init__(self, other: Any) -> None:
        self.__dict__ = other.__dict__
        self._found = other.__dict__.setdefault("_gradviz_found", {})

    def resolve_function_type(self, func: Any, args: Any, kws: Any) -> Any:
        if kws or isinstance(func, types.Dispatcher):
            return super().resolve_function_type(func, args, kws)
        key = func, args
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = super().resolve_function_type(func, args, kws)
        return found


@register_pass(mutates_CFG=True, analysis_only=False)
class _Lowering(BaseNativeLowering):
    """To LLVM's language."""

    _name = "kernel_lowering"

    @property
    def lowering_class(self) -> Any:
        return lowering.Lower


class _Pipeline(compiler.CompilerBase):
    """The passes for kernels."""

    def define_pipelines(self) -> list[Any]:
        manager = PassManager("kernel")
        for each in (
            TranslateByteCode,
            FixupArgs,
            IRProcessing,
            ReconstructSSA,
            NopythonTypeInference,
            PreLowerStripPhis,
            IRLegalization,
            _Lowering,
            NoPythonBackend,
        ):
            manager.add_pass(each, each.__name__)
        manager.finalize()
        return [manager]


class _Library(codegen.CPUCodeLibrary):
    """What becomes one object file; nothing of it is loaded."""

    def emitted(self, symbol: str) -> bytes:
        """The object file, in which only what is called like `symbol` can be seen from outside."""
        for library in self._linking_libraries:
            self._final_module.link_in(library._get_module_for_linking(), preserve=True)
        for function in self._final_module.functions:
            if not function.is_declaration and not function.name.startswith(symbol):
                function.linkage = "internal"
        manager, builder = self._codegen._module_pass_manager()
        manager.run(self._final_module, builder)
        return bytes(self._codegen._tm.emit_object(self._final_module))
