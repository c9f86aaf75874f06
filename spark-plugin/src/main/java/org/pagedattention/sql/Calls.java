package org.pagedattention.sql;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import scala.collection.immutable.Seq;

/** Calls in the expressions of plans. */
final class Calls {
    private Calls() {}

    /** Whether some operator of a plan has calls that it cannot compute. */
    static boolean anywhere(LogicalPlan plan) {
        return plan.exists(part -> !(part instanceof EvaluateModel) && in(part));
    }

    /** Whether an operator has calls in its own expressions. */
    static boolean in(LogicalPlan operator) {
        return ScalaLists.<Expression>list(operator.expressions()).stream().anyMatch(Calls::in);
    }

    static boolean in(Expression expression) {
        return expression.exists(part -> part instanceof ModelCall);
    }

    /** The calls whose texts contain no call. */
    static List<ModelCall> innermost(Seq<Expression> expressions) {
        List<ModelCall> calls = new ArrayList<>();
        ScalaLists.<Expression>list(expressions).forEach(expression -> addInnermost(expression, calls));
        return calls;
    }

    private static void addInnermost(Expression expression, List<ModelCall> calls) {
        int before = calls.size();
        ScalaLists.<Expression>list(expression.children()).forEach(child -> addInnermost(child, calls));
        if (calls.size() == before && expression instanceof ModelCall call) {
            calls.add(call);
        }
    }

    /** The conditions that a condition demands together. */
    static List<Expression> conjuncts(Expression condition) {
        if (condition instanceof And both) {
            List<Expression> all = new ArrayList<>(conjuncts(both.left()));
            all.addAll(conjuncts(both.right()));
            return all;
        }
        return new ArrayList<>(List.of(condition));
    }

    /** All conditions together, of which there is one at least. */
    static Expression and(List<Expression> conditions) {
        return conditions.stream().reduce(And::new).orElseThrow();
    }
}
