package org.pagedattention.sql;

import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import scala.Function1;
import scala.Tuple3;
import scala.collection.immutable.Seq;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * Adds our functions to Spark SQL: {@code spark.sql.extensions=org.pagedattention.sql.PagedAttentionExtensions}.
 *
 * <ul>
 *   <li>{@code embed(text)}: ARRAY&lt;FLOAT&gt;, the text's vector
 *   <li>{@code classify(text)}, or of a pair {@code classify(text, pair)}: STRUCT&lt;label: STRING, score: FLOAT, logits:
 *       ARRAY&lt;FLOAT&gt;&gt;
 *   <li>{@code log_likelihood(context, continuation)}, or of a text {@code log_likelihood(text)}: DOUBLE, in nats
 * </ul>
 *
 * Behind the texts each takes options, {@code map('model', '/models/bge-small', 'prompt', 'query')}, all of them constants. A
 * null text gives null.
 */
public final class PagedAttentionExtensions extends AbstractFunction1<SparkSessionExtensions, BoxedUnit> {

    @Override
    public BoxedUnit apply(SparkSessionExtensions extensions) {
        for (ModelFunction function : ModelFunction.values()) {
            ExpressionInfo info = new ExpressionInfo(
                    ModelCall.class.getName(), null, function.sqlName(), function.usage(), "", "", "", "", "", "", "");
            Function1<Seq<Expression>, Expression> build =
                    arguments -> ModelCall.of(function, ScalaLists.list(arguments));
            extensions.injectFunction(new Tuple3<>(new FunctionIdentifier(function.sqlName()), info, build));
        }
        extensions.injectPreCBORule(session -> new ExtractModelCalls());
        extensions.injectPlannerStrategy(session -> new ModelStrategy());
        return BoxedUnit.UNIT;
    }
}
