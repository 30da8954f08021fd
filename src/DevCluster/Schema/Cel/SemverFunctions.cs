namespace DevCluster.Schema.Cel;

/// <summary>Semantic versions.</summary>
internal static class SemverFunctions
{
    public static void AddTo(CelFunctionTable table)
    {
        table.Global("semver", "string", "semver", arguments => Parse((string)arguments[0], normalize: false));
        table.Global("semver", "string, bool", "semver", arguments => Parse((string)arguments[0], (bool)arguments[1]));
        table.Global(
            "isSemver",
            "string",
            "bool",
            arguments => CelSemver.TryParse((string)arguments[0], normalize: false, out _));
        table.Global(
            "isSemver",
            "string, bool",
            "bool",
            arguments => CelSemver.TryParse((string)arguments[0], (bool)arguments[1], out _));
        table.Method("semver", "isGreaterThan", "semver", "bool", arguments => Compare(arguments) > 0);
        table.Method("semver", "isLessThan", "semver", "bool", arguments => Compare(arguments) < 0);
        table.Method("semver", "compareTo", "semver", "int", arguments => (long)Math.Sign(Compare(arguments)));
        table.Method("semver", "major", "", "int", arguments => ((CelSemver)arguments[0]).Major);
        table.Method("semver", "minor", "", "int", arguments => ((CelSemver)arguments[0]).Minor);
        table.Method("semver", "patch", "", "int", arguments => ((CelSemver)arguments[0]).Patch);
    }

    private static object Parse(string text, bool normalize) => CelSemver.TryParse(text, normalize, out var version)
        ? version
        : new CelError("No Major.Minor.Patch elements found");

    private static int Compare(object[] arguments) => ((CelSemver)arguments[0]).CompareTo((CelSemver)arguments[1]);
}
