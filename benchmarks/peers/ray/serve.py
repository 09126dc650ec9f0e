"""Ray Serve in its throughput-optimised mode (RAY_SERVE_THROUGHPUT_OPTIMIZED=1, set by who starts this).

The raw request and orjson, as its page on performance advises; one replica, since proxy, controller and replica are
processes already on two cores; no dashboard, no usage statistics. Started as `serve.py PORT`.
"""

from __future__ import annotations

import signal
import sys

import orjson
import ray
from predictors import Predictor, from_bytes, from_json, named
from ray import serve
from starlette.requests import Request
from starlette.responses import Response


@serve.deployment(num_replicas=1, max_ongoing_requests=256, ray_actor_options={"num_cpus": 1})
class Model:
    """The model as a deployment."""

    def __init__(self) -> None:
        """Loads the model."""
        self.run = Predictor(named())

    async def __call__(self, request: Request) -> Response:
        """The answers to the rows."""
        body = await request.body()
        if request.headers.get("content-type") == "application/octet-stream":
            return Response(self.run(from_bytes(body)).tobytes(), media_type="application/octet-stream")
        predictions = self.run(from_json(orjson.loads(body)["rows"]))
        text = orjson.dumps({"predictions": predictions}, option=orjson.OPT_SERIALIZE_NUMPY)
        return Response(text, media_type="application/json")


if __name__ == "__main__":
    ray.init(num_cpus=2, include_dashboard=False, _node_ip_address="127.0.0.1", logging_level="warning")
    serve.start(http_options={"host": "127.0.0.1", "port": int(sys.argv[1])})
    serve.run(Model.bind(), route_prefix="/predict")
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    ray.shutdown()
