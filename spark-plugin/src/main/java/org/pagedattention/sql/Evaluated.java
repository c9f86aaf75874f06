package org.pagedattention.sql;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.GlobalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LocalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Offset;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.RepartitionOperation;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.catalyst.plans.logical.UnaryNode;
import org.apache.spark.sql.types.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * A plan that computes a call.
 *
 * @param plan what it had before, and the value
 * @param value the column of the call's value
 */
record Evaluated(LogicalPlan plan, Attribute value) {

    /** A plan that computes a call, once: where it did so before, that value comes up. */
    static Evaluated of(LogicalPlan plan, ModelCall call) {
        Evaluated there = call.deterministic() ? find(plan, call) : null;
        if (there != null) {
            return there;
        }
        Attribute value = new AttributeReference(
                call.function().sqlName(),
                call.dataType(),
                true,
                Metadata.empty(),
                NamedExpression.newExprId(),
                ScalaLists.seq(List.of()));
        return new Evaluated(new EvaluateModel(call, value, plan), value);
    }

    private static @Nullable Evaluated find(LogicalPlan plan, ModelCall call) {
        if (plan instanceof EvaluateModel model && model.call().semanticEquals(call)) {
            return new Evaluated(plan, model.result());
        }
        LogicalPlan child = plan instanceof UnaryNode one && passesColumnsOn(plan) ? one.child() : null;
        Evaluated below = child == null ? null : find(child, call);
        if (below == null) {
            return null;
        }
        if (plan instanceof Project project && !plan.outputSet().contains(below.value())) {
            List<NamedExpression> columns = ScalaLists.list(project.projectList());
            columns.add(below.value());
            return new Evaluated(new Project(ScalaLists.seq(columns), below.plan()), below.value());
        }
        return new Evaluated(
                plan.withNewChildren(ScalaLists.seq(new ArrayList<>(List.of(below.plan())))), below.value());
    }

    /** Whether what is below it may have a column more, which it then has too. */
    private static boolean passesColumnsOn(LogicalPlan plan) {
        return plan instanceof EvaluateModel
                || plan instanceof Project
                || plan instanceof Filter
                || plan instanceof Sort
                || plan instanceof GlobalLimit
                || plan instanceof LocalLimit
                || plan instanceof Offset
                || plan instanceof RepartitionOperation;
    }
}
