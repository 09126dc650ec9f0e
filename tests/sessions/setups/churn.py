"""A small trained model, the module that prepares its rows, and a sample: what a user has before trimtab."""

from pathlib import Path

PREPARE = '''"""Raw customer rows to what the model was trained on."""


def clean(customers):
    plans = customers["plan"].map({"basic": 0, "plus": 1})
    return customers.assign(plan=plans.fillna(2))
'''


def main() -> None:
    import joblib
    import numpy as np
    import pandas as pd
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    Path("prepare.py").write_text(PREPARE)
    namespace = {}
    exec(PREPARE, namespace)  # noqa: S102 - the text above, before it can be imported
    chance = np.random.default_rng(7)
    rows = pd.DataFrame(
        {
            "tenure": chance.integers(0, 72, 500),
            "plan": chance.choice(["basic", "plus", "family"], 500),
            "spend": chance.normal(50, 15, 500).round(2),
        }
    )
    rows.loc[::9, "spend"] = np.nan
    left = chance.random(500) < 1 / (1 + np.exp(rows["tenure"] / 12 - 2))
    model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression())
    joblib.dump(model.fit(namespace["clean"](rows), left), "model.joblib")
    rows.head(200).to_parquet("sample.parquet")


main()
