package org.pagedattention.sql;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedLambdaVariable;
import org.apache.spark.sql.catalyst.optimizer.ColumnPruning$;
import org.apache.spark.sql.catalyst.plans.InnerLike;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.LocalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.rules.Rule;
import scala.Option;

/**
 * Takes calls out of the expressions of a query and puts {@link EvaluateModel} below the operators that they were in, once
 * for equal calls. It comes when Spark has moved conditions down and unused columns away, so that no row and no call that
 * nobody wants is computed.
 */
final class ExtractModelCalls extends Rule<LogicalPlan> {

    @Override
    public LogicalPlan apply(LogicalPlan plan) {
        return Calls.anywhere(plan) ? ColumnPruning$.MODULE$.apply(everywhere(plan)) : plan;
    }

    private static LogicalPlan everywhere(LogicalPlan plan) {
        return here(plan.mapChildren(ExtractModelCalls::everywhere));
    }

    private static LogicalPlan here(LogicalPlan plan) {
        if (plan instanceof LocalLimit limit) {
            return Limits.pushed(limit);
        }
        if (plan instanceof EvaluateModel || !Calls.in(plan)) {
            return plan;
        }
        if (plan instanceof Filter filter) {
            return below(Conditions.cheapOnesFirst(filter));
        }
        if (plan instanceof Join join && join.joinType() instanceof InnerLike) {
            return ofJoin(join);
        }
        if (plan instanceof Aggregate aggregate && Aggregates.callsAbove(aggregate)) {
            Project above = Aggregates.split(aggregate);
            return below(above.mapChildren(ExtractModelCalls::here));
        }
        return below(plan);
    }

    /** Conditions whose calls take texts of both sides come behind the join. */
    private static LogicalPlan ofJoin(Join join) {
        List<Expression> behind = new ArrayList<>();
        List<Expression> inside = new ArrayList<>();
        for (Expression condition : Calls.conjuncts(join.condition().get())) {
            (Conditions.ofOneSideEach(condition, join) ? inside : behind).add(condition);
        }
        Join rest = new Join(
                join.left(),
                join.right(),
                join.joinType(),
                inside.isEmpty() ? Option.empty() : Option.apply(Calls.and(inside)),
                join.hint());
        LogicalPlan joined = below(rest);
        return behind.isEmpty() ? joined : below(new Filter(Calls.and(behind), joined));
    }

    /** Puts all calls of an operator below it, innermost first; its columns stay those that it had. */
    private static LogicalPlan below(LogicalPlan operator) {
        LogicalPlan changed = operator;
        List<ModelCall> calls = Calls.innermost(changed.expressions());
        while (!calls.isEmpty()) {
            changed = below(changed, calls);
            calls = Calls.innermost(changed.expressions());
        }
        List<Attribute> columns = ScalaLists.list(operator.output());
        return ScalaLists.<Attribute>list(changed.output()).equals(columns)
                ? changed
                : new Project(ScalaLists.seq(columns), changed);
    }

    private static LogicalPlan below(LogicalPlan operator, List<ModelCall> calls) {
        List<LogicalPlan> children = ScalaLists.list(operator.children());
        List<Attribute> values = new ArrayList<>();
        for (ModelCall call : calls) {
            requireNoElements(call);
            int side = sideOf(call, children);
            if (side < 0) {
                throw new IllegalArgumentException(call.function().sqlName() + " in " + operator.nodeName()
                        + " takes texts of both sides: compute it in a query of its own, and use its result");
            }
            Evaluated evaluated = Evaluated.of(children.get(side), call);
            children.set(side, evaluated.plan());
            values.add(evaluated.value());
        }
        return operator.withNewChildren(ScalaLists.seq(children))
                .mapExpressions(expression -> replaced(expression, calls, values));
    }

    /** Elements of an array are no rows, and what a lambda calls them is known within it alone. */
    private static void requireNoElements(ModelCall call) {
        if (call.exists(NamedLambdaVariable.class::isInstance)) {
            throw new IllegalArgumentException(call.function().sqlName()
                    + " takes a variable of a lambda, as in transform(texts, text -> ...), and models compute rows:"
                    + " explode the array, call it for each row, and collect_list the results");
        }
    }

    private static int sideOf(ModelCall call, List<LogicalPlan> children) {
        for (int i = 0; i < children.size(); i++) {
            if (call.references().subsetOf(children.get(i).outputSet())) {
                return i;
            }
        }
        return -1;
    }

    private static Expression replaced(Expression expression, List<ModelCall> calls, List<Attribute> values) {
        for (int i = 0; i < calls.size(); i++) {
            if (expression == calls.get(i) || calls.get(i).semanticEquals(expression)) {
                return values.get(i);
            }
        }
        return expression.mapChildren(child -> replaced(child, calls, values));
    }
}
