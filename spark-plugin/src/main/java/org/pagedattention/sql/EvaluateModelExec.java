package org.pagedattention.sql;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.plans.physical.Partitioning;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.UnaryExecNode;
import org.jspecify.annotations.Nullable;
import org.pagedattention.conf.OnBadRow;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.scoring.SessionSettings;
import org.pagedattention.scoring.TableScorer;
import org.pagedattention.scoring.WorkloadPlan;
import scala.Function1;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/**
 * Computes a call's value for the rows of a query, batch by batch as jobs do, and leaves rows, partitions and order as they
 * are. Public for Spark, which makes copies of it.
 */
public final class EvaluateModelExec extends SparkPlan implements UnaryExecNode {
    private static final long serialVersionUID = 1;

    private final ModelCall call;
    private final Attribute result;
    private final SparkPlan child;

    public EvaluateModelExec(ModelCall call, Attribute result, SparkPlan child) {
        this.call = call;
        this.result = result;
        this.child = child;
    }

    @Override
    public RDD<InternalRow> doExecute() {
        CallRows rows = CallRows.of(call, ScalaLists.list(child.output()));
        PagedAttentionConf conf = SessionSettings.of(session());
        if (conf.onBadRow() == OnBadRow.QUARANTINE) {
            throw new IllegalArgumentException(
                    "spark.pagedAttention.onBadRow is quarantine, and a query has no place for"
                            + " that: set it to fail or null");
        }
        WorkloadPlan plan = call.function().plan(call.options(), rows.texts(), rows.schema(), conf);
        JavaRDD<InternalRow> input = rows.withTexts(child.execute().toJavaRDD());
        JavaRDD<InternalRow> scored = new TableScorer(conf, null).score(input, rows.schema(), rows.nullsForNulls(plan));
        return rows.withResult(scored, plan.results()).rdd();
    }

    @Override
    public SparkPlan child() {
        return child;
    }

    @Override
    @SuppressWarnings("unchecked") // appending to immutable sequences keeps their type
    public Seq<Attribute> output() {
        return (Seq<Attribute>) child.output().appended(result);
    }

    @Override
    public AttributeSet producedAttributes() {
        return AttributeSet.apply(result);
    }

    @Override
    public Partitioning outputPartitioning() {
        return child.outputPartitioning();
    }

    @Override
    public Seq<SortOrder> outputOrdering() {
        return child.outputOrdering();
    }

    @Override
    public String verboseStringWithOperatorId() {
        return UnaryExecNode.super.verboseStringWithOperatorId() + "Call: " + call + "\n";
    }

    @Override
    public Seq<SparkPlan> children() {
        return ScalaLists.seq(java.util.List.of(child));
    }

    @Override
    public SparkPlan mapChildren(Function1<SparkPlan, SparkPlan> change) {
        SparkPlan changed = change.apply(child);
        return changed.fastEquals(child) ? this : withNewChildInternal(changed);
    }

    @Override
    public SparkPlan withNewChildrenInternal(IndexedSeq<SparkPlan> children) {
        return withNewChildInternal(children.apply(0));
    }

    @Override
    public SparkPlan withNewChildInternal(SparkPlan other) {
        return new EvaluateModelExec(call, result, other);
    }

    @Override
    public int productArity() {
        return 3;
    }

    @Override
    public Object productElement(int index) {
        return ScalaLists.part(index, call, result, child);
    }

    @Override
    public boolean canEqual(Object other) {
        return other instanceof EvaluateModelExec;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return ScalaLists.equal(this, other);
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }
}
