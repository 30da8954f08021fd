namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>Says how much of a matrix was tried and what disagreed.</summary>
internal static class MatrixReport
{
    private const string CountVariable = "DYNOSPACE_TEST_CELLS";

    public static string Word(bool allowed) => allowed ? "yes" : "no";

    /// <summary>Every run says what was not tried, failed or not.</summary>
    public static void Tell(int all, IReadOnlyList<(MatrixCell Cell, string Reason)> untried)
    {
        var text = $"{all - untried.Count} of {all} cells tried, {untried.Count} not tried.";
        TestContext.Current.TestOutputHelper?.WriteLine(text);
        foreach (var group in untried.GroupBy(pair => pair.Reason))
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{group.Count()} not tried, since {group.Key}:");
            foreach (var (cell, _) in group)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"  {cell}");
            }
        }

        if (untried.Count > 0)
        {
            TestContext.Current.AddWarning(text);
        }
    }

    /// <summary>Counts cells that packets were tried for, in a file that sums up all tests of a run.</summary>
    public static void Count(int tried, int all)
    {
        if (Environment.GetEnvironmentVariable(CountVariable) is { Length: > 0 } file)
        {
            File.AppendAllText(file, $"{tried} {all}\n");
        }
    }

    public static void RequireNone(int tried, IEnumerable<string> wrong)
    {
        List<string> cells = [.. wrong];
        Assert.True(cells.Count == 0, $"{cells.Count} of {tried} cells disagree:\n{string.Join('\n', cells)}");
        Assert.NotEqual(0, tried);
    }
}
