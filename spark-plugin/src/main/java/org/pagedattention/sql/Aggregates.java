package org.pagedattention.sql;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import scala.Option;

/** Calls in aggregations: those in groups and in what is aggregated come below, the others above. */
final class Aggregates {
    private Aggregates() {}

    /** Whether there are calls that take what an aggregation comes to. */
    static boolean callsAbove(Aggregate aggregate) {
        return ScalaLists.<NamedExpression>list(aggregate.aggregateExpressions()).stream()
                .anyMatch(column -> callsAbove((Expression) column, aggregate));
    }

    private static boolean callsAbove(Expression expression, Aggregate aggregate) {
        return !isOf(expression, aggregate)
                && (expression instanceof ModelCall
                        || ScalaLists.<Expression>list(expression.children()).stream()
                                .anyMatch(part -> callsAbove(part, aggregate)));
    }

    /** The aggregation without such calls, and above it the columns that it had. */
    static Project split(Aggregate aggregate) {
        List<NamedExpression> above = new ArrayList<>();
        List<NamedExpression> inside = new ArrayList<>();
        for (NamedExpression column : ScalaLists.<NamedExpression>list(aggregate.aggregateExpressions())) {
            if (callsAbove((Expression) column, aggregate)) {
                above.add((NamedExpression) lifted((Expression) column, aggregate, inside));
            } else {
                inside.add(column);
                above.add(column.toAttribute());
            }
        }
        return new Project(
                ScalaLists.seq(above),
                new Aggregate(
                        aggregate.groupingExpressions(), ScalaLists.seq(inside), aggregate.child(), aggregate.hint()));
    }

    private static Expression lifted(Expression expression, Aggregate aggregate, List<NamedExpression> inside) {
        if (isOf(expression, aggregate)) {
            NamedExpression named = expression instanceof NamedExpression there ? there : alias(expression);
            inside.add(named);
            return named.toAttribute();
        }
        return expression.mapChildren(part -> lifted(part, aggregate, inside));
    }

    private static boolean isOf(Expression expression, Aggregate aggregate) {
        return expression instanceof AggregateExpression
                || ScalaLists.<Expression>list(aggregate.groupingExpressions()).stream()
                        .anyMatch(group -> group.semanticEquals(expression));
    }

    private static Alias alias(Expression expression) {
        return new Alias(
                expression,
                "aggregated",
                NamedExpression.newExprId(),
                ScalaLists.seq(List.of()),
                Option.empty(),
                ScalaLists.seq(List.of()));
    }
}
