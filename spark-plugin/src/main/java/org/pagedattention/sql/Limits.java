package org.pagedattention.sql;

import java.util.List;
import org.apache.spark.sql.catalyst.plans.logical.LocalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;

/** Limits over calls: no more rows are computed than are wanted. */
final class Limits {
    private Limits() {}

    /** The same limit, and once more below the calls that it is on. */
    static LogicalPlan pushed(LocalLimit limit) {
        return overCalls(limit.child()) ? with(limit, below(limit.child(), limit)) : limit;
    }

    private static boolean overCalls(LogicalPlan plan) {
        return plan instanceof EvaluateModel || (plan instanceof Project project && overCalls(project.child()));
    }

    private static LogicalPlan below(LogicalPlan plan, LocalLimit limit) {
        if (plan instanceof EvaluateModel model) {
            return with(plan, below(model.child(), limit));
        }
        if (plan instanceof Project project) {
            return with(plan, below(project.child(), limit));
        }
        return plan instanceof LocalLimit ? plan : new LocalLimit(limit.limitExpr(), plan);
    }

    private static LogicalPlan with(LogicalPlan plan, LogicalPlan child) {
        return plan.withNewChildren(ScalaLists.seq(List.of(child)));
    }
}
