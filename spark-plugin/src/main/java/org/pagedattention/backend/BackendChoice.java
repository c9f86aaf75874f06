package org.pagedattention.backend;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The backend that will run, and why. Strict when a backend is named, lenient only for {@code auto}.
 *
 * @param provider makes the chosen backend
 * @param passedOver for {@code auto}: what better backends lack, one sentence each
 */
public record BackendChoice(BackendProvider provider, List<String> passedOver) {

    /** Picks the best backend that can work. */
    public static final String AUTO = "auto";

    /** How to go on where a backend was asked for by name; where auto chose, that has happened. */
    public static final String ELSE_AUTO = ", or set spark.pagedAttention.backend to auto";

    /**
     * Chooses among {@code providers}.
     *
     * @param requested a backend's name, or {@code auto}
     * @throws IllegalArgumentException when no backend has that name
     * @throws IllegalStateException when the named backend cannot work here
     */
    public static BackendChoice choose(String requested, BackendSettings settings, List<BackendProvider> providers) {
        return choose(requested, providers, provider -> provider.unavailable(settings));
    }

    /**
     * Chooses among {@code providers} for whole models, which not every backend runs.
     *
     * @param requested a backend's name, or {@code auto}
     * @throws IllegalArgumentException when no backend has that name
     * @throws IllegalStateException when the named backend cannot run models here
     */
    public static BackendChoice chooseForModels(
            String requested, BackendSettings settings, List<BackendProvider> providers) {
        return choose(requested, providers, provider -> provider.unavailableForModels(settings));
    }

    private static BackendChoice choose(
            String requested, List<BackendProvider> providers, Function<BackendProvider, Optional<String>> problem) {
        List<BackendProvider> ranked = providers.stream()
                .sorted(Comparator.comparingInt(BackendProvider::preference).reversed())
                .toList();
        return requested.equals(AUTO) ? best(ranked, problem) : named(requested, ranked, problem);
    }

    /** The backends on the class path. */
    public static List<BackendProvider> installed() {
        return ServiceLoader.load(BackendProvider.class, BackendChoice.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    private static BackendChoice named(
            String name, List<BackendProvider> ranked, Function<BackendProvider, Optional<String>> problem) {
        BackendProvider provider = ranked.stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "backend '" + name + "' is not known: use auto, " + names(ranked)));
        Optional<String> reason = problem.apply(provider);
        if (reason.isPresent()) {
            throw new IllegalStateException("backend '" + name + "' cannot work here: " + reason.get() + ELSE_AUTO);
        }
        return new BackendChoice(provider, List.of());
    }

    private static BackendChoice best(
            List<BackendProvider> ranked, Function<BackendProvider, Optional<String>> problem) {
        List<String> passedOver = new ArrayList<>();
        for (BackendProvider provider : ranked) {
            Optional<String> reason = problem.apply(provider);
            if (reason.isEmpty()) {
                return new BackendChoice(provider, List.copyOf(passedOver));
            }
            passedOver.add(provider.name() + ": " + reason.get());
        }
        throw new IllegalStateException("no backend can work here: " + String.join("; ", passedOver));
    }

    private static String names(List<BackendProvider> providers) {
        return providers.stream().map(BackendProvider::name).sorted().collect(Collectors.joining(" or "));
    }
}
