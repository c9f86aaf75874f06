package org.pagedattention.jobs.run;

import com.fasterxml.jackson.core.type.TypeReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.jobs.table.JobFailedException;
import org.pagedattention.jobs.table.Json;

/**
 * What a resumable job does: results of two runs go together only where this is the same.
 *
 * @param format version of this file's layout
 * @param options everything that decides what is computed
 * @param units input files that are scored and finished together
 */
record Manifest(int format, SortedMap<String, String> options, List<List<InputFile>> units) {
    /** 1 named settings after fields of a class of ours. */
    private static final int FORMAT = 2;

    private static final String POLICY = PagedAttentionConf.PREFIX + "onBadRow";
    private static final String POLICY_OPTION = "--on-bad-row";

    /** Cuts {@code files} into units of about {@code unitBytes}, in their order. */
    static Manifest of(Map<String, String> options, List<InputFile> files, long unitBytes) {
        List<List<InputFile>> units = new ArrayList<>();
        long bytes = 0;
        for (InputFile file : files) {
            if (units.isEmpty() || bytes + file.bytes() > unitBytes) {
                units.add(new ArrayList<>());
                bytes = 0;
            }
            units.get(units.size() - 1).add(file);
            bytes += file.bytes();
        }
        return new Manifest(FORMAT, new TreeMap<>(options), units);
    }

    String json() {
        return Json.text(this);
    }

    /**
     * Reads what {@link #json} wrote.
     *
     * @param where the file, for the message
     * @throws JobFailedException when it is anything else
     */
    static Manifest parse(String json, String where) {
        return Json.read(json, new TypeReference<Manifest>() {})
                .filter(manifest -> manifest.format == FORMAT && manifest.options != null && manifest.units != null)
                .orElseThrow(() -> new JobFailedException(
                        where + " is not a manifest that this version wrote: start anew with --mode overwrite"));
    }

    /**
     * Checks that a run with {@code now} may go on where this one ended.
     *
     * @throws IllegalArgumentException naming the first difference
     */
    void requireSame(Manifest now) {
        TreeSet<String> names = new TreeSet<>(options.keySet());
        names.addAll(now.options.keySet());
        for (String name : names) {
            String before = options.get(name);
            String after = now.options.get(name);
            if (!Objects.equals(before, after)) {
                throw differs(name + " was " + shown(before) + " and is " + shown(after));
            }
        }
        requireSameFiles(now);
    }

    /**
     * This manifest, with bad rows put aside as {@code now} says, where the first of them was to end the run so far: what
     * is finished has none then.
     */
    Manifest quarantiningAs(Manifest now) {
        if (!"fail".equals(options.get(POLICY)) || !"quarantine".equals(now.options.get(POLICY))) {
            return this;
        }
        SortedMap<String, String> changed = new TreeMap<>(options);
        for (String name : List.of(POLICY, POLICY_OPTION)) {
            changed.put(name, now.options.getOrDefault(name, ""));
        }
        return new Manifest(format, changed, units);
    }

    private static String shown(@Nullable String value) {
        return value == null || value.isEmpty() ? "not given" : value;
    }

    private void requireSameFiles(Manifest now) {
        Map<String, InputFile> before = byPath();
        Map<String, InputFile> after = now.byPath();
        for (InputFile file : before.values()) {
            InputFile found = after.get(file.path());
            if (!file.equals(found)) {
                throw differs("input file " + file.path()
                        + (found == null ? " is gone" : " has changed since: it was " + file + " and is " + found));
            }
        }
        for (String path : after.keySet()) {
            if (!before.containsKey(path)) {
                throw differs("input file " + path + " is new");
            }
        }
    }

    private Map<String, InputFile> byPath() {
        return units.stream()
                .flatMap(List::stream)
                .collect(Collectors.toMap(InputFile::path, Function.identity(), (a, b) -> a, TreeMap::new));
    }

    private static IllegalArgumentException differs(String what) {
        return new IllegalArgumentException("--resume cannot go on with what an earlier run began: " + what
                + ". Make it the same again, or start anew: with another --output, or with --mode overwrite and without"
                + " --resume");
    }
}
