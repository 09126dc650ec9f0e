"""FastAPI as one tunes it: raw body, orjson both ways, no pydantic model of the rows; numbers also as plain bytes.

Started with two uvicorn workers (as many as cores), uvloop, httptools and no access log, which is what uvicorn's
page on deployment advises. The handler is `async`: a model call this short costs less than a hop to the thread pool.
"""

from __future__ import annotations

import orjson
from fastapi import FastAPI, Request, Response
from predictors import Predictor, from_bytes, from_json, named

app = FastAPI()
predict = Predictor(named())


@app.post("/predict")
async def answer(request: Request) -> Response:
    """The answers to the rows."""
    body = await request.body()
    binary = request.headers.get("content-type") == "application/octet-stream"
    rows = from_bytes(body) if binary else from_json(orjson.loads(body)["rows"])
    predictions = predict(rows)
    if binary:
        return Response(predictions.tobytes(), media_type="application/octet-stream")
    text = orjson.dumps({"predictions": predictions}, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(text, media_type="application/json")
