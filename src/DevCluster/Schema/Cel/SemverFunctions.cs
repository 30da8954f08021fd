using System.Globalization;
using System.Text.RegularExpressions;

namespace DevCluster.Schema.Cel;

/// <summary>The library of semantic versions.</summary>
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

/// <summary>A semantic version. Build metadata is parsed but, as the standard requires, not compared.</summary>
internal sealed partial record CelSemver(long Major, long Minor, long Patch, string Prerelease) : IComparable<CelSemver>
{
    /// <param name="normalize">Allows a leading <c>v</c>, missing parts and leading zeros.</param>
    public static bool TryParse(string text, bool normalize, out CelSemver version)
    {
        version = new CelSemver(0, 0, 0, "");
        var match = (normalize ? Loose() : Strict()).Match(text);
        if (!match.Success
            || !TryRead(match, "major", out var major)
            || !TryRead(match, "minor", out var minor)
            || !TryRead(match, "patch", out var patch))
        {
            return false;
        }

        version = new CelSemver(major, minor, patch, match.Groups["prerelease"].Value);
        return true;
    }

    public int CompareTo(CelSemver? other)
    {
        if (other is null)
        {
            return 1;
        }

        var order = (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));
        return order != 0 ? order : ComparePrereleases(Prerelease, other.Prerelease);
    }

    private static bool TryRead(Match match, string group, out long number)
    {
        number = 0;
        return !match.Groups[group].Success
            || long.TryParse(match.Groups[group].Value, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>
    /// A release follows its pre-releases; numeric identifiers are compared numerically and precede others.
    /// </summary>
    private static int ComparePrereleases(string left, string right)
    {
        if (left.Length == 0 || right.Length == 0)
        {
            return right.Length.CompareTo(left.Length);
        }

        var (a, b) = (left.Split('.'), right.Split('.'));
        foreach (var (x, y) in a.Zip(b))
        {
            var isNumber = long.TryParse(x, NumberStyles.None, CultureInfo.InvariantCulture, out var m);
            var isOtherNumber = long.TryParse(y, NumberStyles.None, CultureInfo.InvariantCulture, out var n);
            var order = isNumber && isOtherNumber ? m.CompareTo(n)
                : isNumber != isOtherNumber ? (isNumber ? -1 : 1)
                : string.CompareOrdinal(x, y);
            if (order != 0)
            {
                return order;
            }
        }

        return a.Length.CompareTo(b.Length);
    }

    private const string Suffix =
        @"(?:-(?<prerelease>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$";

    [GeneratedRegex(
        @"^(?<major>0|[1-9]\d*)\.(?<minor>0|[1-9]\d*)\.(?<patch>0|[1-9]\d*)" + Suffix)]
    private static partial Regex Strict();

    [GeneratedRegex(
        @"^v?(?<major>\d+)(?:\.(?<minor>\d+))?(?:\.(?<patch>\d+))?" + Suffix)]
    private static partial Regex Loose();
}
