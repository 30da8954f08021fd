namespace DevCluster.Schema.Cel;

/// <summary>Parses and checks expressions.</summary>
internal static class CelCompiler
{
    private const int LongestExpression = 100_000;

    /// <summary>
    /// The program, or null and a description of all mistakes found, with their places, in the real API's form.
    /// </summary>
    public static CelProgram? Compile(string text, IReadOnlyDictionary<string, CelType> variables, out string problems)
    {
        var issues = new List<CelIssue>();
        var program = Compile(text, variables, issues);
        problems = new CelSource(text).Describe(issues);
        return program;
    }

    private static CelProgram? Compile(
        string text, IReadOnlyDictionary<string, CelType> variables, List<CelIssue> issues)
    {
        if (text.Length > LongestExpression)
        {
            issues.Add(
                new CelIssue(
                    0, $"expression code point size exceeds limit: size: {text.Length}, limit {LongestExpression}"));
            return null;
        }

        if (CelParser.Parse(text, issues) is not { } root)
        {
            return null;
        }

        var expression = CelChecker.Check(root, variables, issues);
        if (issues.Count == 0)
        {
            CelLiteralValidator.Validate(expression, issues);
        }

        return issues.Count == 0 ? new CelProgram(expression) : null;
    }
}
