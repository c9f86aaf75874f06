package org.pagedattention.sql;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Join;

/** What becomes of conditions when calls are taken out of them. */
final class Conditions {
    private Conditions() {}

    /** The same filter, with its conditions that need no call in one below it. */
    static Filter cheapOnesFirst(Filter filter) {
        List<Expression> cheap = new ArrayList<>();
        List<Expression> others = new ArrayList<>();
        for (Expression condition : Calls.conjuncts(filter.condition())) {
            (Calls.in(condition) ? others : cheap).add(condition);
        }
        // conditions that are not the same whenever they are asked stay in their order
        return cheap.isEmpty() || !filter.condition().deterministic()
                ? filter
                : new Filter(Calls.and(others), new Filter(Calls.and(cheap), filter.child()));
    }

    /** Whether each call in a join's condition takes texts of one side of it. */
    static boolean ofOneSideEach(Expression condition, Join join) {
        if (condition instanceof ModelCall call) {
            return call.references().subsetOf(join.left().outputSet())
                    || call.references().subsetOf(join.right().outputSet());
        }
        return ScalaLists.<Expression>list(condition.children()).stream().allMatch(part -> ofOneSideEach(part, join));
    }
}
