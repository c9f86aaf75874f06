package org.pagedattention.sql;

import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.analysis.TypeCheckResult;
import org.apache.spark.sql.catalyst.expressions.CreateMap;
import org.apache.spark.sql.catalyst.expressions.ExpectsInputTypes;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Unevaluable;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.types.AbstractDataType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType$;
import org.jspecify.annotations.Nullable;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/**
 * A call of one of our functions in a query, until the optimizer puts an {@link EvaluateModel} in its place. By itself it
 * has no value. Public for Spark, which makes copies of it.
 */
public final class ModelCall extends Expression implements ExpectsInputTypes, Unevaluable, Serializable {
    private static final long serialVersionUID = 1;

    private final ModelFunction function;
    private final CallOptions options;
    private final Seq<Expression> texts;

    public ModelCall(ModelFunction function, CallOptions options, Seq<Expression> texts) {
        this.function = function;
        this.options = options;
        this.texts = texts;
    }

    /**
     * The call with some arguments.
     *
     * @throws IllegalArgumentException when they are too few or too many, or an option cannot work
     */
    static ModelCall of(ModelFunction function, List<Expression> arguments) {
        int last = arguments.size() - 1;
        @Nullable CreateMap map = last >= 0 && arguments.get(last) instanceof CreateMap given ? given : null;
        List<Expression> texts = map == null ? arguments : arguments.subList(0, last);
        if (texts.isEmpty() || texts.size() > function.mostTexts()) {
            throw new IllegalArgumentException(function.sqlName() + " takes "
                    + (function.mostTexts() == 1 ? "one text" : "one or two texts")
                    + " and perhaps options, as in map('model', '/models/...'), and is given " + texts.size()
                    + (texts.size() == 1 ? " text" : " texts"));
        }
        return new ModelCall(function, CallOptions.of(function, map, function.fallback()), ScalaLists.seq(texts));
    }

    ModelFunction function() {
        return function;
    }

    CallOptions options() {
        return options;
    }

    List<Expression> texts() {
        return ScalaLists.list(texts);
    }

    @Override
    public DataType dataType() {
        return function.type();
    }

    @Override
    public boolean nullable() {
        return true;
    }

    @Override
    public boolean expensive() {
        return true;
    }

    @Override
    public Seq<AbstractDataType> inputTypes() {
        return ScalaLists.seq(Collections.nCopies(texts.size(), StringType$.MODULE$));
    }

    @Override
    public TypeCheckResult checkInputDataTypes() {
        return ExpectsInputTypes.super.checkInputDataTypes();
    }

    @Override
    public boolean foldable() {
        return false;
    }

    @Override
    public Object eval(InternalRow row) {
        return Unevaluable.super.eval(row);
    }

    @Override
    public ExprCode doGenCode(CodegenContext context, ExprCode code) {
        return Unevaluable.super.doGenCode(context, code);
    }

    @Override
    public String prettyName() {
        return function.sqlName();
    }

    @Override
    public String toString() {
        return texts().stream()
                .map(Expression::toString)
                .collect(Collectors.joining(", ", function.sqlName() + "(", ", " + options + ")"));
    }

    @Override
    public Seq<Expression> children() {
        return texts;
    }

    @Override
    public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
        return new ModelCall(function, options, children);
    }

    @Override
    public int productArity() {
        return 3;
    }

    @Override
    public Object productElement(int index) {
        return ScalaLists.part(index, function, options, texts);
    }

    @Override
    public boolean canEqual(Object other) {
        return other instanceof ModelCall;
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
