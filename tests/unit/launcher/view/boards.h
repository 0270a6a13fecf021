/* boards: stored replies of GET /v1/leaderboard that the view tests read.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_LAUNCHER_VIEW_BOARDS_H
#define TESTS_UNIT_LAUNCHER_VIEW_BOARDS_H

#include "base/json.h"

/* The tree of a JSON text that must be right. */
static inline struct tree *board_of(const char *json)
{
    struct error err = ERROR_INIT;
    struct tree *t = json_parse(json, strlen(json), "board", &err);

    if (!t)
        error_print(&err, "board");
    assert_non_null(t);
    return t;
}

/* Five trials: complete, complete, pruned, running, failed. */
static const char shop[] __attribute__((unused)) =
    "{\"study\": {\"study\": \"shop\", \"metric\": \"val.pr_auc\","
    " \"direction\": \"maximize\","
    " \"objectives\": [{\"metric\": \"val.pr_auc\","
    "                   \"direction\": \"maximize\"}],"
    " \"space\": [\"model.fusion.depth\", \"model.fusion.width\","
    "             \"model.text.width\", \"optimizer.lr\","
    "             \"batch.schedule\"],"
    " \"state\": \"running\", \"reason\": \"\", \"trials\": 5,"
    " \"budget_trials\": 24, \"states\": {\"waiting\": 0, \"running\": 1,"
    " \"paused\": 0, \"complete\": 2, \"pruned\": 1, \"failed\": 1},"
    " \"best\": {\"trial\": 3, \"value\": 0.612345},"
    " \"elapsed_s\": 70.1, \"workers\": []},"
    " \"rows\": ["
    "{\"trial\": 3, \"state\": \"complete\", \"value\": 0.612345,"
    " \"values\": [0.612345], \"std\": 0.0123, \"step\": 8, \"best_step\": 6,"
    " \"reports\": 8, \"params\": {\"model.fusion.depth\": 3,"
    " \"model.fusion.width\": 256, \"model.text.width\": 64,"
    " \"optimizer.lr\": 0.000123, \"batch.schedule\": \"cosine\"},"
    " \"seconds\": 12.3, \"attempts\": 1, \"reason\": \"\","
    " \"metrics\": {\"val.pr_auc\": 0.6, \"val.loss\": 0.25},"
    " \"created\": 1700000000.0, \"ended\": 1700000012.5,"
    " \"feasible\": true},"
    "{\"trial\": 0, \"state\": \"complete\", \"value\": 0.5,"
    " \"values\": [0.5], \"std\": null, \"step\": 8, \"best_step\": 8,"
    " \"reports\": 8, \"params\": {\"model.fusion.depth\": 1,"
    " \"model.fusion.width\": 1024, \"model.text.width\": 128,"
    " \"optimizer.lr\": 0.01, \"batch.schedule\": \"natural\"},"
    " \"seconds\": 75, \"attempts\": 2, \"reason\": \"\","
    " \"metrics\": {\"val.pr_auc\": 0.5}, \"created\": 1700000000,"
    " \"ended\": 1700000075, \"feasible\": true},"
    "{\"trial\": 1, \"state\": \"pruned\", \"value\": 0.11,"
    " \"values\": [0.11], \"std\": null, \"step\": 1, \"best_step\": 1,"
    " \"reports\": 1, \"params\": {\"model.fusion.depth\": 5,"
    " \"model.fusion.width\": 64, \"model.text.width\": 32,"
    " \"optimizer.lr\": 1e-05, \"batch.schedule\": \"linear\"},"
    " \"seconds\": 1.25, \"attempts\": 1, \"reason\": \"asha, rung 1\","
    " \"metrics\": {}, \"created\": 1700000001, \"ended\": 1700000003,"
    " \"feasible\": true},"
    "{\"trial\": 2, \"state\": \"failed\", \"value\": \"nan\","
    " \"values\": [\"nan\"], \"std\": null, \"step\": 2, \"best_step\": null,"
    " \"reports\": 2, \"params\": {\"model.fusion.depth\": 2,"
    " \"model.fusion.width\": 64, \"optimizer.lr\": 0.005},"
    " \"seconds\": 3700, \"attempts\": 3, \"reason\": \"exit status 3\","
    " \"metrics\": {\"val.pr_auc\": \"nan\"}, \"created\": 1700000002,"
    " \"ended\": 1700003702, \"feasible\": true},"
    "{\"trial\": 4, \"state\": \"running\", \"value\": null, \"values\": [],"
    " \"std\": null, \"step\": null, \"best_step\": null, \"reports\": 0,"
    " \"params\": {\"model.fusion.depth\": 2}, \"seconds\": 0,"
    " \"attempts\": 1, \"reason\": \"\", \"metrics\": {},"
    " \"created\": 1700000050, \"ended\": null, \"feasible\": true}]}";

/* The same objective in another study, one trial. */
static const char other[] __attribute__((unused)) =
    "{\"study\": {\"study\": \"other\", \"metric\": \"val.pr_auc\","
    " \"direction\": \"maximize\", \"objectives\": [],"
    " \"space\": [\"optimizer.lr\", \"step\"], \"state\": \"finished\","
    " \"trials\": 1, \"states\": {\"complete\": 1},"
    " \"best\": {\"trial\": 0, \"value\": 0.55}, \"elapsed_s\": 3},"
    " \"rows\": [{\"trial\": 0, \"state\": \"complete\", \"value\": 0.55,"
    " \"step\": 4, \"best_step\": 4, \"seconds\": 3, \"attempts\": 1,"
    " \"params\": {\"optimizer.lr\": 0.02, \"step\": 7},"
    " \"metrics\": {}}]}";

/* Nothing has begun. */
static const char fresh[] __attribute__((unused)) =
    "{\"study\": {\"study\": \"fresh\", \"metric\": \"loss\","
    " \"direction\": \"minimize\", \"objectives\": [], \"space\": [\"x\"],"
    " \"state\": \"running\", \"trials\": 0, \"states\": {\"running\": 0},"
    " \"best\": null, \"elapsed_s\": 0.4}, \"rows\": []}";

#endif
