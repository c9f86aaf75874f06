package org.pagedattention.sql;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import scala.Product;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Lists of Java as Catalyst wants them, and the other way. */
final class ScalaLists {
    private ScalaLists() {}

    static <T> Seq<T> seq(List<? extends T> list) {
        return CollectionConverters.<T>asScala(new ArrayList<>(list)).toList();
    }

    static <T> List<T> list(Seq<? extends T> seq) {
        return new ArrayList<>(CollectionConverters.asJava(seq));
    }

    /** Whether two nodes of a tree are equal, as Scala's case classes are. */
    static boolean equal(Product one, @Nullable Object other) {
        return one == other
                || (other instanceof Product product
                        && one.getClass() == other.getClass()
                        && one.productIterator().sameElements(product.productIterator()));
    }

    /** One of the parts that a node of a plan says it consists of. */
    static Object part(int index, Object... parts) {
        return parts[index];
    }
}
