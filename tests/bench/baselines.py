#!/usr/bin/env python3
"""What scikit-learn finds on the real sets of studies/, on the same folds and the same test.

    tests/bench/baselines.py reviews FOLDER       val.csv and test.csv: logistic regression over TF-IDF
    tests/bench/baselines.py clothing FOLDER      listings.csv and images/: the kind of garment, pixels

Prints a line a model: average precision and ROC-AUC. Needs scikit-learn and pandas, for clothing also Pillow.
SPDX-License-Identifier: Apache-2.0
"""
import hashlib
import os
import sys

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

CATEGORIES = ['Division Name', 'Department Name', 'Class Name', 'Clothing ID']
NUMBERS = ['Age', 'Positive Feedback Count']


def read_reviews(path):
    table = pd.read_csv(path)
    table['words'] = table['Title'].fillna('') + ' ' + table['Review Text'].fillna('')
    table[CATEGORIES] = table[CATEGORIES].astype(str)
    return table, (table['Recommended IND'] == 0).to_numpy()


def reviews(folder):
    (train, y), (test, z) = (read_reviews(os.path.join(folder, name)) for name in ('val.csv', 'test.csv'))
    for c in (1, 3, 10, 30, 100):
        features = ColumnTransformer([
            ('words', TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), 'words'),
            ('categories', OneHotEncoder(handle_unknown='ignore'), CATEGORIES),
            ('numbers', StandardScaler(), NUMBERS)])
        model = make_pipeline(features, LogisticRegression(C=c, max_iter=2000)).fit(train, y)
        score = model.predict_proba(test)[:, 1]
        print('logistic regression, C=%-3d       test: average precision %.3f  ROC-AUC %.3f  log loss %.3f' % (
            c, average_precision_score(z, score), roc_auc_score(z, score), log_loss(z, score)))


def pixels(path):
    from PIL import Image
    with Image.open(path) as image:
        return np.asarray(image.convert('RGB').resize((32, 32), Image.Resampling.BOX), dtype=np.float32).ravel() / 255


def by_folds(name, fold, y, scores_of):
    """Train on all folds but one, judge on it, for each."""
    found = []
    for k in range(5):
        held = fold == k
        score = scores_of(~held, held)
        found.append((average_precision_score(y[held], score), roc_auc_score(y[held], score)))
    precision, auc = np.array(found).T
    print('%-42s average precision %.3f  ROC-AUC %.3f  folds %s' % (
        name, precision.mean(), auc.mean(), ' '.join('%.3f' % p for p in precision)), flush=True)


def clothing(folder):
    table = pd.read_csv(os.path.join(folder, 'listings.csv'))
    y = (table['kids'].astype(str) == 'True').to_numpy()
    fold = np.array([int(hashlib.sha256(str(s).encode()).hexdigest(), 16) % 5 for s in table['sender_id']])
    kind = OneHotEncoder(sparse_output=False).fit_transform(table[['label']])
    image = np.stack([pixels(os.path.join(folder, name)) for name in table['image']])

    def with_components(model, scaled):
        def scores_of(train, test):
            components = PCA(100, random_state=0).fit(image[train])
            parts = [components.transform(image[rows]) for rows in (train, test)]
            if scaled:
                scaler = StandardScaler().fit(parts[0])
                parts = [scaler.transform(part) for part in parts]
            x = [np.hstack([part, kind[rows]]) for part, rows in zip(parts, (train, test))]
            return model().fit(x[0], y[train]).predict_proba(x[1])[:, 1]
        return scores_of

    def regression():
        return LogisticRegression(max_iter=2000)

    def boosting():
        return HistGradientBoostingClassifier(random_state=0)

    by_folds('logistic regression, kind alone', fold, y,
             lambda train, test: regression().fit(kind[train], y[train]).predict_proba(kind[test])[:, 1])
    by_folds('gradient boosting, 100 components and kind', fold, y, with_components(boosting, False))
    by_folds('logistic regression, the same, scaled', fold, y, with_components(regression, True))
    by_folds('the same, pixels as 0 to 1, not scaled', fold, y, with_components(regression, False))


if __name__ == '__main__':
    if len(sys.argv) != 3 or sys.argv[1] not in ('reviews', 'clothing'):
        sys.exit(__doc__)
    {'reviews': reviews, 'clothing': clothing}[sys.argv[1]](sys.argv[2])
