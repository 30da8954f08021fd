namespace DevCluster.Schema.Cel;

/// <summary>Indexing, membership, size, and what the macros for maps need.</summary>
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

    /// <summary>Any number worth a whole one may index.</summary>
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
