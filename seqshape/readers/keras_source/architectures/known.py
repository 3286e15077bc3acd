"""Every model of keras.applications: what its body is, its sizes, the words of its call."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from seqshape.readers.keras_source.architectures import (
    classic,
    convnext,
    efficient2,
    inception_resnet,
    mobile,
    mobile3,
    nasnet,
    resnet,
)
from seqshape.readers.keras_source.architectures.net import Net
from seqshape.readers.keras_source.engine import SymbolicTensor
from seqshape.records import NamedTuple

WORDS = ("include_top", "weights", "input_tensor", "input_shape", "pooling", "classes", "classifier_activation", "name")
SHAPE_FIRST = ("input_shape", *WORDS[:3], *WORDS[4:])
ALPHA = ("input_shape", "alpha", "depth_multiplier", "dropout", *WORDS[:3], *WORDS[4:])
ALPHA_ONLY = ("input_shape", "alpha", *WORDS[:3], *WORDS[4:])
PREPARED = (*WORDS[:-1], "include_preprocessing", "name")
PREPARED_FIRST = ("include_top", "include_preprocessing", *WORDS[1:])
THIRD = (
    *("input_shape", "alpha", "minimalistic", *WORDS[:3], "classes", "pooling", "dropout_rate"),
    *("classifier_activation", "include_preprocessing", "name"),
)
# The words that a body takes, and their defaults.
OWN = {"alpha": 1, "depth_multiplier": 1, "minimalistic": False, "include_preprocessing": True}


class Architecture(NamedTuple):
    """A model of keras.applications: what its body is, its default size, and how it ends.

    ``size`` is ``None`` if it takes any. ``head``: with the classifier, beside the pooling and the dense layer:
    ``flatten``, ``dropout``, ``conv``, or what makes all of it. ``tail`` ends the model without its classifier.
    ``pool`` is the name of the pooling before the classifier, ``pools`` that of one without it.
    ``least`` is the least number of rows and columns. ``published``: square sizes that have weights of their own;
    ``alphas``: widths that have. ``by_weights``: the weights say what layers there are.
    ``always``: it has its default size without a classifier too.
    """

    name: str
    size: int | None
    body: Callable[..., SymbolicTensor]
    head: str | Callable[..., SymbolicTensor] = ""
    pool: str | None = "avg_pool"
    pools: bool = True
    words: tuple[str, ...] = WORDS
    rate: float = 0.0
    tail: Callable[[Net, SymbolicTensor], SymbolicTensor] | None = None
    least: int = 32
    published: tuple[int, ...] = ()
    alphas: tuple[float, ...] = ()
    by_weights: bool = False
    always: bool = False


VGG16 = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))
VGG19 = ((2, 64), (2, 128), (4, 256), (4, 512), (4, 512))
KNOWN: dict[str, Architecture] = {
    "VGG16": Architecture("vgg16", 224, partial(classic.vgg, blocks=VGG16), "flatten", pools=False),
    "VGG19": Architecture("vgg19", 224, partial(classic.vgg, blocks=VGG19), "flatten", pools=False),
    "Xception": Architecture("xception", 299, classic.xception, pools=False, least=71),
    "InceptionV3": Architecture("inception_v3", 299, classic.inception_v3, pools=False, least=75),
    "InceptionResNetV2": Architecture(
        "inception_resnet_v2", 299, inception_resnet.inception_resnet_v2, pools=False, least=75
    ),
    "MobileNet": Architecture(
        *("", 224, mobile.mobilenet, "conv", None, False, ALPHA),
        published=(128, 160, 192, 224),
        alphas=(0.25, 0.5, 0.75, 1.0),
        by_weights=True,
    ),
    "MobileNetV2": Architecture(
        *("", 224, mobile.mobilenet_v2, "", None, False, ALPHA_ONLY),
        published=(96, 128, 160, 192, 224),
        alphas=(0.35, 0.5, 0.75, 1.0, 1.3, 1.4),
        by_weights=True,
    ),
}
for _name, _size, _numbers in (("Mobile", 224, (4, 44, 32)), ("Large", 331, (6, 168, 96))):
    KNOWN[f"NASNet{_name}"] = Architecture(
        f"nasnet_{_name.lower()}",
        _size,
        partial(nasnet.nasnet, numbers=nasnet.Numbers(*_numbers, skip=_name == "Large")),
        pool=None,
        pools=False,
        words=SHAPE_FIRST,
        always=_name == "Mobile",
    )
for _depth, _blocks in ((121, (6, 12, 24, 16)), (169, (6, 12, 32, 32)), (201, (6, 12, 48, 32))):
    KNOWN[f"DenseNet{_depth}"] = Architecture(f"densenet{_depth}", 224, partial(classic.densenet, blocks=_blocks))
for _depth, _blocks in ((50, (3, 4, 6, 3)), (101, (3, 4, 23, 3)), (152, (3, 8, 36, 3))):
    for _version in (False, True):
        KNOWN[f"ResNet{_depth}{'V2' * _version}"] = Architecture(
            f"resnet{_depth}{'v2' * _version}", 224, partial(resnet.resnet, blocks=_blocks, second=_version)
        )
EFFICIENT = (
    (1.0, 1.0, 224, 0.2),
    (1.0, 1.1, 240, 0.2),
    (1.1, 1.2, 260, 0.3),
    (1.2, 1.4, 300, 0.3),
    (1.4, 1.8, 380, 0.4),
    (1.6, 2.2, 456, 0.4),
    (1.8, 2.6, 528, 0.5),
    (2.0, 3.1, 600, 0.5),
)
for _number, (_width, _depths, _size, _rate) in enumerate(EFFICIENT):
    KNOWN[f"EfficientNetB{_number}"] = Architecture(
        f"efficientnetb{_number}",
        _size,
        partial(mobile.efficientnet, width=_width, depth=_depths),
        "dropout",
        rate=_rate,
        by_weights=True,
    )
for _letter, (_size, _member) in efficient2.SIZES.items():
    KNOWN[f"EfficientNetV2{_letter.upper()}"] = Architecture(
        f"efficientnetv2-{_letter}",
        _size,
        partial(efficient2.efficientnet_v2, size=_member),
        "dropout",
        words=PREPARED,
        rate=0.2,
    )
for _kind, _body, _last in (("Small", mobile3.SMALL, 1024), ("Large", mobile3.LARGE, 1280)):
    KNOWN[f"MobileNetV3{_kind}"] = Architecture(
        f"MobileNetV3{_kind}",
        None,
        partial(mobile3.mobilenet_v3, blocks=_body),
        partial(mobile3.head, width=_last),
        words=THIRD,
        alphas=(0.75, 1.0),
    )
for _kind, (_repeats, _widths) in convnext.SIZES.items():
    KNOWN[f"ConvNeXt{_kind}"] = Architecture(
        f"convnext_{_kind.lower()}",
        224,
        partial(convnext.convnext, depths=_repeats, widths=_widths),
        convnext.head,
        pools=False,
        words=PREPARED_FIRST,
        tail=convnext.tail,
    )
