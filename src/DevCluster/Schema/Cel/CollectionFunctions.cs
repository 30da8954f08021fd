namespace DevCluster.Schema.Cel;

/// <summary>Indexing, membership, size, and the helper functions of map macros.</summary>
internal static class CollectionFunctions
{
    public static void AddTo(CelFunctionTable table)
    {
        table.Global("_[_]", "list(A), int", "A", arguments => At((CelList)arguments[0], arguments[1]));
        table.Global(
            "_[_]",
            "map(A, B), A",
            "B",
            arguments => ((CelMap)arguments[0]).Find(arguments[1]) ?? CelError.NoSuchKey(arguments[1]));
        table.Global(
            "_[_]",
            "optional(list(V)), int",
            "optional(V)",
            arguments => OptionalFunctions.Lookup(arguments[0], arguments[1]));
        table.Global(
            "_[_]",
            "optional(map(K, V)), K",
            "optional(V)",
            arguments => OptionalFunctions.Lookup(arguments[0], arguments[1]));
        table.Global(
            "@in",
            "A, list(A)",
            "bool",
            arguments => ((CelList)arguments[1]).Any(item => CelValues.AreEqual(item, arguments[0])));
        table.Global(
            "@in",
            "A, map(A, B)",
            "bool",
            arguments => ((CelMap)arguments[1]).Find(arguments[0]) switch
            {
                null =>
                false,
                CelError error => error,
                _ => true
            });
        foreach (var type in new[] { "string", "bytes", "list(A)", "map(A, B)" })
        {
            table.Global("size", type, "int", Size);
            table.Method(type, "size", "", "int", Size);
        }

        table.Global(
            "cel.@mapInsert",
            "map(K, V), K, V",
            "map(K, V)",
            arguments => Insert((CelMap)arguments[0], arguments[1], arguments[2]));
        table.Global(
            "cel.@mapInsert",
            "map(K, V), map(K, V)",
            "map(K, V)",
            arguments => InsertAll((CelMap)arguments[0], (CelMap)arguments[1]));
        table.Global("sets.contains", "list(A), list(A)", "bool", arguments => Contains(arguments[0], arguments[1]));
        table.Global(
            "sets.equivalent",
            "list(A), list(A)",
            "bool",
            arguments => Contains(arguments[0], arguments[1]) && Contains(arguments[1], arguments[0]));
        table.Global(
            "sets.intersects",
            "list(A), list(A)",
            "bool",
            arguments => Intersects((CelList)arguments[0], (CelList)arguments[1]));
    }

    /// <summary>An index may be of any number type if its value is whole.</summary>
    internal static object At(CelList list, object index)
    {
        var position = index switch
        {
            long signed =>
            signed,
            ulong unsigned =>
                (long)unsigned,
            double real when real == Math.Floor(real) => (long)real,
            _ => -1
        };
        return position >= 0 && position < list.Count
            ? list[(int)position]
            : new CelError($"index out of bounds: {CelValues.Show(index)}");
    }

    private static object Size(object[] arguments) => CelValues.Size(arguments[0])!.Value;

    private static object Insert(CelMap map, object key, object value)
    {
        var copy = ((CelDictionary)map).Copy();
        return copy.TryAdd(key, value)
            ? copy
            : new CelError($"insert failed: key {CelValues.Show(key)} already exists");
    }

    private static object InsertAll(CelMap map, CelMap added)
    {
        object result = map;
        foreach (var key in added.Keys)
        {
            result = Insert((CelMap)result, key, added.Find(key)!);
            if (result is CelError)
            {
                break;
            }
        }

        return result;
    }

    private static bool Contains(object list, object items) =>
        ((CelList)items).All(item => ((CelList)list).Any(own => CelValues.AreEqual(own, item)));

    private static bool Intersects(CelList left, CelList right) =>
        left.Any(item => right.Any(other => CelValues.AreEqual(item, other)));
}

/// <summary>Lists: order, sums, search, slices.</summary>
internal static class ListFunctions
{
    private static readonly string[] Comparable =
    [
        "int",
        "uint",
        "double",
        "bool",
        "duration",
        "timestamp",
        "string",
        "bytes",
    ];

    public static void AddTo(CelFunctionTable table)
    {
        foreach (var type in Comparable)
        {
            table.Method($"list({type})", "isSorted", "", "bool", arguments => IsSorted((CelList)arguments[0]));
            table.Method($"list({type})", "max", "", type, arguments => Extreme((CelList)arguments[0], 1, "max"));
            table.Method($"list({type})", "min", "", type, arguments => Extreme((CelList)arguments[0], -1, "min"));
            table.Method(
                $"list({type})",
                "sort",
                "",
                $"list({type})",
                arguments => Sort((CelList)arguments[0], (CelList)arguments[0]));
            table.Method(
                "list(T)",
                "@sortByAssociatedKeys",
                $"list({type})",
                "list(T)",
                arguments => Sort((CelList)arguments[0], (CelList)arguments[1]));
        }

        foreach (var (type, zero) in new (string, object)[]
        {
            ("int", 0L),
            ("uint", 0UL),
            ("double", 0.0),
            ("duration", new CelDuration(0)),
        })
        {
            table.Method($"list({type})", "sum", "", type, arguments => Sum((CelList)arguments[0], zero));
        }

        table.Method(
            "list(A)", "indexOf", "A", "int", arguments => Index((CelList)arguments[0], arguments[1], isLast: false));
        table.Method(
            "list(A)",
            "lastIndexOf",
            "A",
            "int",
            arguments => Index((CelList)arguments[0], arguments[1], isLast: true));
        table.Method(
            "list(T)",
            "slice",
            "int, int",
            "list(T)",
            arguments => Slice((CelList)arguments[0], (long)arguments[1], (long)arguments[2]));
        table.Method("list(list(T))", "flatten", "", "list(T)", arguments => Flatten((CelList)arguments[0], 1));
        table.Method(
            "list(dyn)",
            "flatten",
            "int",
            "list(dyn)",
            arguments => Flatten((CelList)arguments[0], (long)arguments[1]));
        table.Method(
            "list(T)",
            "distinct",
            "",
            "list(T)",
            arguments => new CelList(((CelList)arguments[0]).Distinct(CelValues.Comparer)));
        table.Method("list(T)", "reverse", "", "list(T)", arguments => new CelList(((CelList)arguments[0]).Reverse()));
        table.Global("lists.range", "int", "list(int)", arguments => Range((long)arguments[0]));
    }

    private static object IsSorted(CelList list)
    {
        for (var i = 1; i < list.Count; i++)
        {
            if (CelValues.Compare(list[i - 1], list[i]) is not { } order)
            {
                return CelError.NoSuchOverload;
            }

            if (order > 0)
            {
                return false;
            }
        }

        return true;
    }

    private static object Extreme(CelList list, int sign, string function)
    {
        if (list.Count == 0)
        {
            return new CelError($"{function} called on empty list");
        }

        var best = list[0];
        foreach (var item in list.Skip(1))
        {
            if (CelValues.Compare(item, best) is not { } order)
            {
                return CelError.NoSuchOverload;
            }

            best = order * sign > 0 ? item : best;
        }

        return best;
    }

    private static object Sum(CelList list, object zero) => list.Aggregate(zero, (sum, item) => (sum, item) switch
    {
        (CelError, _) => sum,
        (long a, long b) => ArithmeticFunctions.Checked(() => checked(a + b), CelError.IntegerOverflow),
        (ulong a, ulong b) => ArithmeticFunctions.Checked(() => checked(a + b), CelError.UnsignedOverflow),
        (double a, double b) => a + b,
        (CelDuration a, CelDuration b) =>
            ArithmeticFunctions.Checked(
                () => new CelDuration(checked(a.Nanoseconds + b.Nanoseconds)), CelError.DurationOverflow),
        _ => CelError.NoSuchOverload,
    });

    private static long Index(CelList list, object item, bool isLast)
    {
        var positions = Enumerable.Range(0, list.Count);
        foreach (var position in isLast ? positions.Reverse() : positions)
        {
            if (CelValues.AreEqual(list[position], item))
            {
                return position;
            }
        }

        return -1;
    }

    private static object Slice(CelList list, long start, long end) =>
        start < 0 || end < 0 ? new CelError($"cannot slice({start}, {end}), negative indexes not supported")
        : start > end
            ? new CelError($"cannot slice({start}, {end}), start index must be less than or equal to end index")
            : end > list.Count ? new CelError($"cannot slice({start}, {end}), list is length {list.Count}")
            : new CelList(list.Skip((int)start).Take((int)(end - start)));

    private static object Flatten(CelList list, long depth) =>
        depth < 0 ? new CelError("level must be non-negative") : new CelList(FlattenItems(list, depth));

    private static IEnumerable<object> FlattenItems(CelList list, long depth) =>
        list.SelectMany(item => item is CelList inner && depth > 0 ? FlattenItems(inner, depth - 1) : [item]);

    /// <summary>A stable sort, optionally by the keys in another list.</summary>
    private static object Sort(CelList list, CelList keys) =>
        list.Count != keys.Count
            ? new CelError(
                $"@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got "
                + $"{list.Count} and {keys.Count} elements respectively")
            : keys.Any(key => CelValues.Compare(key, keys[0]) is null)
                ? new CelError("list elements must have the same type")
                : new CelList(
                    list.Zip(keys)
                        .OrderBy(pair => pair.Second, Comparer<object>.Create((a, b) => CelValues.Compare(a, b) ?? 0))
                        .Select(pair => pair.First));

    private static object Range(long count)
    {
        const int most = 1_000_000;
        return count > most
            ? new CelError($"lists.range() limited to {most} elements")
            : new CelList(Enumerable.Range(0, (int)Math.Max(count, 0)).Select(i => (object)(long)i));
    }
}
