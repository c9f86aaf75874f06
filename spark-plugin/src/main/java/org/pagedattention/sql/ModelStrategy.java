package org.pagedattention.sql;

import java.util.List;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.SparkStrategy;
import scala.collection.immutable.Seq;

/** Plans {@link EvaluateModel} as what computes it. */
final class ModelStrategy extends SparkStrategy {

    @Override
    public Seq<SparkPlan> apply(LogicalPlan plan) {
        return ScalaLists.seq(
                plan instanceof EvaluateModel model
                        ? List.of(new EvaluateModelExec(model.call(), model.result(), planLater(model.child())))
                        : List.of());
    }
}
