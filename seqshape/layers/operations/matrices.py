"""Operations of keras.ops.linalg: decompositions, inverses, systems of equations."""

from __future__ import annotations

from seqshape.diagnostics import Fault
from seqshape.dims import Dim, Unknown, maximum, require_equal
from seqshape.kinds import Flag, Text
from seqshape.layers.operations.operands import all_of, dtype_of, gives, gives_all, require_identical, sees, union
from seqshape.reach import Reach, see
from seqshape.registry import alike, operation
from seqshape.tensor import Effect, Shape, Tensor, show


def _matrix(x: Tensor) -> tuple[Shape, Dim, Dim]:
    """The axes before a matrix, its rows and its columns."""
    *batch, rows, columns = x.axes("... rows columns")
    return tuple(batch), rows, columns


def _square(x: Tensor) -> tuple[Shape, Dim]:
    batch, rows, columns = _matrix(x)
    complaint = f"needs square matrices, but gets {show(x.shape)}"
    if isinstance(rows, Unknown) != isinstance(columns, Unknown):
        raise Fault(complaint, code="E203")
    require_equal(rows, columns, complaint)
    return batch, rows


def _whole(x: Tensor) -> Reach:
    """Every element of a matrix sees the whole of it."""
    return see().mix(x.rank - 2, x.rank - 1)


def _shorter(rows: Dim, columns: Dim) -> Dim:
    """The smaller side. Keras cannot compare what is unknown."""
    if isinstance(rows, Unknown) or isinstance(columns, Unknown):
        raise Fault("needs matrices of known size", code="E203")
    return -maximum(-rows, -columns)


@alike(
    {
        "Cholesky": "The triangular matrix that times its transpose gives the input.",
        "CholeskyInverse": "The inverse of a matrix from its Cholesky factor.",
        "Inv": "The inverse of each matrix.",
    }
)
def _square_of_square(x: Tensor) -> Effect:
    _square(x)
    return gives(x.shape, dtype_of(x), _whole(x))


@operation()
def Det(x: Tensor) -> Effect:
    """The determinant of each matrix."""
    batch, _ = _square(x)
    return gives(batch, dtype_of(x), see().reduce(x.rank - 2, x.rank - 1))


@alike(
    {
        "Eig": "The eigenvalues and the eigenvectors of each matrix.",
        "Eigh": "The eigenvalues and the eigenvectors of each symmetric matrix.",
    }
)
def _eigen(x: Tensor) -> Effect:
    batch, side = _square(x)
    outputs = [Tensor((*batch, side), dtype_of(x)), Tensor(x.shape, dtype_of(x))]
    return gives_all(outputs, [_whole(x).reduce(x.rank - 1), _whole(x)])


@operation()
def LuFactor(x: Tensor) -> Effect:
    """The factors L and U in one matrix, and the exchanged rows."""
    batch, rows, columns = _matrix(x)
    outputs = [x, Tensor((*batch, _shorter(rows, columns)), dtype_of(x))]
    return gives_all(outputs, [_whole(x), _whole(x).reduce(x.rank - 1)])


@operation()
def Qr(x: Tensor, mode: Text = "reduced") -> Effect:
    """The factors Q and R of each matrix; ``complete``: Q is square."""
    if mode not in ("reduced", "complete"):
        raise Fault(f'has to be "reduced" or "complete", not {mode!r}', arg="mode")
    batch, rows, columns = _matrix(x)
    inner = _shorter(rows, columns)
    inner = inner if mode == "reduced" else rows
    outputs = [Tensor((*batch, rows, inner), dtype_of(x)), Tensor((*batch, inner, columns), dtype_of(x))]
    return gives_all(outputs, [_whole(x), _whole(x)])


@operation()
def SVD(x: Tensor, full_matrices: Flag = True, compute_uv: Flag = True) -> Effect:
    """The singular value decomposition of each matrix: U, the singular values, V transposed; or just the values."""
    batch, rows, columns = _matrix(x)
    inner = _shorter(rows, columns)
    values = Tensor((*batch, inner), dtype_of(x))
    if not compute_uv:
        return gives(values.shape, dtype_of(x), _whole(x).reduce(x.rank - 1))
    left = (*batch, rows, rows if full_matrices else inner)
    right = (*batch, columns if full_matrices else inner, columns)
    outputs = [Tensor(left, dtype_of(x)), values, Tensor(right, dtype_of(x))]
    return gives_all(outputs, [_whole(x), _whole(x).reduce(x.rank - 1), _whole(x)])


@operation()
def Pinv(x: Tensor) -> Effect:
    """The pseudo-inverse of each matrix."""
    batch, rows, columns = _matrix(x)
    return gives((*batch, columns, rows), dtype_of(x), _whole(x))


@operation()
def MatrixRank(x: Tensor) -> Effect:
    """The rank of each matrix."""
    batch, _, _ = _matrix(x)
    return gives(batch, "int32", see().reduce(x.rank - 2, x.rank - 1))


@alike(
    {
        "Solve": "The solution of systems of linear equations.",
        "SolveTriangular": "The solution of systems of linear equations whose matrix is triangular.",
    }
)
def _solved(a: Tensor, b: Tensor) -> Effect:
    """The solution of a·x = b, in the shape of ``b``."""
    _square(a)
    first, second = a.shape, b.shape
    if not second:
        raise Fault("needs a right side with at least one axis", code="E201")
    if len(second) - len(first) in (0, 1):  # Keras means to compare a vector too, but looks at a stack instead
        at = -2 if len(first) == len(second) else -1
        complaint = f"needs as many equations on both sides, but gets {show(first)} and {show(second)}"
        require_identical(first[at], second[at], complaint)
    if not len(first) == len(second) > 2:
        return gives(second, dtype_of(b), all_of((a, b), second))
    rows = len(first) - 2
    factors, right = (part.mix(rows) for part in sees(a, b))
    return gives(second, dtype_of(b), union([factors.reduce(rows + 1).insert(rows + 1, second[-1]), right]))


@operation()
def Lstsq(a: Tensor, b: Tensor) -> Effect:
    """The least-squares solution of one system of linear equations."""
    rows, columns = a.axes("rows columns")
    right = b.shape
    if len(right) not in (1, 2):
        raise Fault(f"needs a right side of one or two axes, but gets {show(right)}", code="E201")
    require_identical(rows, right[0], f"needs as many rows on both sides, but gets {rows} and {right[0]}")
    shape = (columns, *right[1:])
    return gives(shape, dtype_of(a), all_of((a, b), shape))
