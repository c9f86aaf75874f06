package org.pagedattention.jobs.bench.model;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.pagedattention.backend.ModelBackend;
import org.pagedattention.backend.Pass;
import org.pagedattention.backend.Tensor;
import org.pagedattention.model.EmbeddingModel;
import org.pagedattention.model.TokenBatch;

/** Milliseconds that one pass spends on each kind of operation, alone on the device. */
record OperationTimes(Map<String, Double> millis) {
    /** What only calls others, or gives memory back. */
    private static final Set<String> NO_OPERATIONS = Set.of("scope", "release", "close", "start", "isDone");

    static OperationTimes of(ModelBackend backend, EmbeddingModel model, TokenBatch batch) {
        Map<String, Double> calls = new TreeMap<>();
        try (Pass pass = backend.begin(batch.pages())) {
            Tensor result = model.forward(timed(pass, calls), batch, 0);
            Map<String, Double> onDevice = pass.millis(result);
            return new OperationTimes(onDevice.isEmpty() ? calls : onDevice);
        }
    }

    /** A pass whose operations are timed as they are called, for backends that compute them there and then. */
    private static Pass timed(Pass pass, Map<String, Double> calls) {
        return (Pass) Proxy.newProxyInstance(
                Pass.class.getClassLoader(), new Class<?>[] {Pass.class}, (proxy, method, arguments) -> {
                    long start = System.nanoTime();
                    Object result = call(pass, method, arguments);
                    if (!NO_OPERATIONS.contains(method.getName())) {
                        calls.merge(method.getName(), (System.nanoTime() - start) / 1e6, Double::sum);
                    }
                    return result;
                });
    }

    private static Object call(Pass pass, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(pass, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** A line for each kind, the longest first. */
    String lines() {
        double all = millis.values().stream().mapToDouble(m -> m).sum();
        StringBuilder lines = new StringBuilder();
        millis.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .forEach(kind -> lines.append(String.format(
                        Locale.ROOT,
                        "%10.3f ms %5.1f%%  %s%n",
                        kind.getValue(),
                        100 * kind.getValue() / all,
                        kind.getKey())));
        return lines.toString();
    }
}
