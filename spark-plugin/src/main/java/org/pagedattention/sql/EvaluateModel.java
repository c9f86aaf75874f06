package org.pagedattention.sql;

import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.UnaryNode;
import org.jspecify.annotations.Nullable;
import scala.Function1;
import scala.Option;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/** A call's value beside the columns of its rows, in a logical plan. Public for Spark, which makes copies of it. */
public final class EvaluateModel extends LogicalPlan implements UnaryNode {
    private final ModelCall call;
    private final Attribute result;
    private final LogicalPlan child;

    public EvaluateModel(ModelCall call, Attribute result, LogicalPlan child) {
        this.call = call;
        this.result = result;
        this.child = child;
    }

    ModelCall call() {
        return call;
    }

    Attribute result() {
        return result;
    }

    @Override
    public LogicalPlan child() {
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
    public Option<Object> maxRows() {
        return child.maxRows();
    }

    @Override
    public Seq<LogicalPlan> children() {
        return ScalaLists.seq(java.util.List.of(child));
    }

    @Override
    public LogicalPlan mapChildren(Function1<LogicalPlan, LogicalPlan> change) {
        LogicalPlan changed = change.apply(child);
        return changed.fastEquals(child) ? this : withNewChildInternal(changed);
    }

    @Override
    public LogicalPlan withNewChildrenInternal(IndexedSeq<LogicalPlan> children) {
        return withNewChildInternal(children.apply(0));
    }

    @Override
    public LogicalPlan withNewChildInternal(LogicalPlan other) {
        return new EvaluateModel(call, result, other);
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
        return other instanceof EvaluateModel;
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
