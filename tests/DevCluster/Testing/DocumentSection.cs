using Xunit;

namespace DevCluster.Testing;

/// <summary>
/// A part of a document that tests write, between <c>&lt;!-- NAME: written by the tests --&gt;</c> and
/// <c>&lt;!-- NAME: end --&gt;</c>; <c>UPDATE_GOLDEN=1</c> writes it again.
/// </summary>
public static class DocumentSection
{
    public static void Verify(string path, string name, string actual)
    {
        var (start, end) = ($"<!-- {name}: written by the tests -->\n", $"<!-- {name}: end -->");
        var document = File.ReadAllText(path).ReplaceLineEndings("\n");
        var from = document.IndexOf(start, StringComparison.Ordinal) + start.Length;
        var to = document.IndexOf(end, StringComparison.Ordinal);
        Assert.True(from >= start.Length && to >= from, $"{path} has no lines '{start.TrimEnd()}' and '{end}'.");

        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, string.Concat(document.AsSpan(0, from), actual, document.AsSpan(to)));
            return;
        }

        Assert.Equal(document[from..to], actual);
    }
}
