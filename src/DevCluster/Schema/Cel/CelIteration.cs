namespace DevCluster.Schema.Cel;

/// <summary>Goes through what folds run over.</summary>
internal static class CelIteration
{
    /// <summary>Elements or keys; in pairs, indexes with elements or keys with values.</summary>
    public static IEnumerable<(object First, object? Second)> Over(object range, bool inPairs) => range switch
    {
        CelList list when inPairs => list.Select((item, index) => ((object)(long)index, (object?)item)),
        CelList list => list.Select(item => (item, (object?)null)),
        _ => ((CelMap)range).Keys.Select(key => (key, inPairs ? ((CelMap)range).Find(key) : null)),
    };
}
