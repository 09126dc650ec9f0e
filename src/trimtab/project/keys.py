"""Every key of trimtab.toml: the one table that reading, schema and reference page are made of."""

from __future__ import annotations

from typing import Final

from trimtab.project.check_keys import CHECK_KEYS
from trimtab.project.env_keys import ENV_KEYS
from trimtab.project.flight_keys import FLIGHT_KEYS
from trimtab.project.guard_keys import GUARD_KEYS
from trimtab.project.journal_keys import JOURNAL_KEYS
from trimtab.project.key import ANY, Key, KeyKind
from trimtab.project.pipeline_keys import PIPELINE_KEYS
from trimtab.project.release_keys import RELEASE_KEYS

__all__ = ["ANY", "DTYPE_NAMES", "FLAVOUR_NAMES", "KEYS", "Key", "KeyKind"]

# Spelled out, since their home modules import numpy or frameworks and this one must stay light; a test compares them.
DTYPE_NAMES: Final = (
    "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BYTES",
)  # fmt: skip
FLAVOUR_NAMES: Final = ("sklearn", "xgboost", "lightgbm", "onnx", "torch", "python")


def _field_keys(side: str, thing: str) -> tuple[Key, ...]:
    """The keys of one column, the same for inputs and outputs."""
    at = f"signature.{side}.{ANY}"
    return (
        Key(f"{at}.dtype", "choice", f"datatype of the {thing} on the wire", choices=DTYPE_NAMES, example='"FP64"'),
        Key(f"{at}.shape", "shape", "size of each axis, rows first; `-1` varies", example="[-1]"),
        Key(f"{at}.nullable", "boolean", "whether null is a value it may have", example="true"),
        Key(f"{at}.low", "number", "least value, inclusive", example="0"),
        Key(f"{at}.high", "number", "greatest value, inclusive", example="120"),
        Key(f"{at}.categories", "scalars", "the closed set of its values", example='["basic", "plus"]'),
        Key(
            f"{at}.unit", "text", f"what the {thing} counts; nothing is converted, but a release with another unit is "
            "refused", example='"EUR"',
        ),
        Key(
            f"{at}.kind", "choice", "what BYTES mean: text, raw bytes, or ISO 8601 times",
            choices=("value", "bytes", "datetime"), example='"datetime"',
        ),
        Key(
            f"{at}.frame", "text",
            "pandas dtype that the preparation code is given; `category[ordered]` for categories that it compares, "
            "from the least of `categories` to the greatest",
            example='"category"',
        ),
        Key(
            f"{at}.log", "policy",
            f"what may be kept of the {thing} when the bundle is served: `keep`, `keep 30d`, `drop`, `hash`, "
            "`tokenise`, `bucket 10`, `bucket month`; as its name and the sample suggest, if absent", example='"drop"',
        ),
    )  # fmt: skip


def _trust_keys(at: str) -> tuple[Key, ...]:
    """The keys of a trust policy: the project's, or that of one of its environments."""
    return (
        Key(f"{at}.keys", "files", "public keys, as PEM, of those whose signature counts", example='["keys/ci.pub"]'),
        Key(
            f"{at}.authorities", "files",
            "certificates, as PEM, of authorities; a signer's own certificate stands below one of them",
            example='["keys/authority.pem"]',
        ),
        Key(
            f"{at}.subjects", "texts",
            "whose certificates count: subject as in RFC 4514, mail address, host name or URI",
            example='["CN=release,O=Example"]',
        ),
        Key(
            f"{at}.at_least", "integer", "how many of them must have signed; one if absent", low=1, high=100,
            example="2",
        ),
        Key(
            f"{at}.unsigned", "boolean",
            "whether bundles are taken that they have not signed; if absent, only where nobody is named",
            example="false",
        ),
        Key(
            f"{at}.allow_code", "boolean",
            "whether code and pickles run from a bundle that nobody trusted signed and that was not packaged here",
            example="false",
        ),
    )  # fmt: skip


KEYS: Final[tuple[Key, ...]] = (
    Key(
        "name", "name", "name of the bundle: lower-case letters, digits, `-`, `_` and `.`, at most 63",
        required=True, example='"churn"',
    ),
    Key(
        "model.path", "source", "the trained model: a file, an MLflow model folder, or `module:attr`",
        required=True, example='"model.joblib"',
    ),
    Key("model.prepare", "function", "function that prepares the rows for the model", example='"prepare:clean"'),
    Key(
        "model.flavour", "choice", "how the model is loaded; recognised if absent",
        choices=FLAVOUR_NAMES, example='"sklearn"',
    ),
    Key(
        "model.container", "choice", "what the preparation is given: a pandas `frame`, or a dict of numpy `arrays`; "
        "as the sample is, if absent", choices=("frame", "arrays"), example='"arrays"',
    ),
    Key(
        "model.compile", "boolean", "whether a native form is made, and kept when it is proved to answer the same",
        default=True,
    ),
    Key("model.method", "text", "method of the model that answers, if not the usual one", example='"predict_proba"'),
    Key("model.golden", "file", "sample of rows: gives the signature and the golden rows", example='"sample.parquet"'),
    Key("model.include", "globs", "further files that go into the bundle's code folder", example='["lookup/*.csv"]'),
    Key("model.rows", "integer", "how many golden rows are recorded", default=20, low=1, high=10_000),
    Key("model.rtol", "number", "relative difference that a replayed golden row may show", default=1e-6, low=0, high=1),
    Key("model.atol", "number", "absolute difference that a replayed golden row may show", default=1e-9, low=0),
    Key(
        "model.lock", "choice", "lock of what prediction imports: `requirements` (hashed), `pylock` as well, or `off`",
        default="requirements", choices=("requirements", "pylock", "off"),
    ),
    Key("model.metrics", "numbers", "metrics of the training, recorded in the bundle", example="{ auc = 0.91 }"),
    Key("model.data", "files", "data the model was trained on, recorded by digest", example='["train.parquet"]'),
    *_field_keys("inputs", "input"),
    *_field_keys("outputs", "output"),
    Key("server.host", "text", "address to listen on", default="127.0.0.1"),
    Key(
        "server.port", "integer", "port to listen on; a flag and the environment come before it",
        default=8080, low=0, high=65535,
    ),
    Key("server.grpc", "integer", "port to answer gRPC on as well; none if absent", low=1, high=65535, example="9000"),
    Key(
        "server.admin", "integer",
        "port of the control plane on 127.0.0.1, which loads and unloads models; none if absent",
        low=1, high=65535, example="8090",
    ),
    Key("server.body", "size", "longest request body that is read", default="64MiB", low=1024),
    Key("server.rows", "integer", "most rows in one request", default=100_000, low=1),
    Key("server.timeout", "duration", "longest time for one answer", default="30s", low=0.001),
    Key("server.idle", "duration", "how long a silent connection is kept", default="75s", low=0.001),
    Key(
        "server.engine", "choice", "where models run: `inline` in the serving processes, `workers` in processes beside "
        "them, `auto` inline where no user Python runs", default="auto", choices=("auto", "inline", "workers"),
    ),
    Key("server.processes", "integer", "serving processes; one a processor if absent", low=1, high=256, example="2"),
    Key(
        "server.workers", "integer", "processes that run user Python, for each serving one; `0` for none",
        low=0, high=256, example="2",
    ),
    Key(
        "server.threads", "integer", "threads of each native pool (OpenMP, BLAS, ONNX Runtime, torch) of a process "
        "that runs a model; by the processors if absent; `OMP_NUM_THREADS` and its like in the environment go first",
        low=1, high=256, example="1",
    ),
    Key("server.batch", "duration", "longest call that requests are joined into; `0s` for none", default="50ms", low=0),
    Key("server.drain", "duration", "how long a stopping server still takes requests", default="0s", low=0),
    Key("server.memory", "size", "memory of a process, beyond which it is replaced", low=1, example='"2GiB"'),
    Key("server.tls_cert", "file", "certificate for TLS, as PEM", example='"tls/cert.pem"'),
    Key("server.tls_key", "file", "private key of the certificate, as PEM", example='"tls/key.pem"'),
    *GUARD_KEYS,
    *JOURNAL_KEYS,
    *FLIGHT_KEYS,
    *RELEASE_KEYS,
    *CHECK_KEYS,
    *ENV_KEYS,
    *PIPELINE_KEYS,
    *_trust_keys("trust"),
    *_trust_keys(f"env.{ANY}.trust"),
)  # fmt: skip
