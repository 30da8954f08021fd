using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Dynospace.Architecture.Tests;

/// <summary>What a page points to exists: a document that names a moved file misleads.</summary>
public sealed partial class DocumentTests
{
    private static readonly string[] Roots = ["src/", "tests/", "docs/", "charts/", "crds/", "samples/", ".ci/"];

    /// <summary>Every Markdown file of the repository, relative to its root.</summary>
    public static TheoryData<string> Pages =>
    [
        .. Directory.EnumerateFiles(RepositoryFolder.Path, "*.md", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(RepositoryFolder.Path, path).Replace('\\', '/'))
            .Where(path => !path.StartsWith('.')
                && !path.Split('/').Any(part => part is "bin" or "obj" or "node_modules"))
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_file_that_a_page_points_to_exists(string page)
    {
        var text = File.ReadAllText(Path.Combine(RepositoryFolder.Path, page));
        var folder = Path.GetDirectoryName(page)!;
        var links = Link().Matches(text).Select(match => match.Groups[1].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal))
            .Select(target => Path.Combine(folder, target));
        var paths = CodePath().Matches(text).Select(match => match.Groups[1].Value)
            .Where(path => Roots.Any(root => path.StartsWith(root, StringComparison.Ordinal)));

        var missing = links.Concat(paths).Distinct()
            .Where(path => !Path.Exists(Path.Combine(RepositoryFolder.Path, path.TrimEnd('/'))));

        Assert.Empty(missing);
    }

    [Fact]
    public void Every_decision_is_in_the_index()
    {
        var folder = RepositoryFolder.Combine("docs", "decisions");
        var index = File.ReadAllText(Path.Combine(folder, "README.md"));

        var missing = Directory.EnumerateFiles(folder, "0*.md").Select(path => Path.GetFileName(path))
            .Where(name => !index.Contains($"({name})", StringComparison.Ordinal));

        Assert.Empty(missing);
    }

    /// <summary>The table of behaviours names the test that shows each.</summary>
    [Fact]
    public void Every_behaviour_of_dynos_names_a_test_that_exists()
    {
        var lines = File.ReadAllLines(RepositoryFolder.Combine("docs", "dynos.md"));
        var rows = lines.SkipWhile(line => line != "## Behaviour").Skip(1).TakeWhile(line => !line.StartsWith('#'))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1)
            .Select(line => (Line: line, Tests: CodeName().Matches(line.Split('|')[^2]).Select(m => m.Groups[1].Value)))
            .ToList();
        var known = Directory
            .EnumerateFiles(RepositoryFolder.Combine("tests"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .SelectMany(path => DeclaredName().Matches(File.ReadAllText(path)).Select(m => m.Groups[1].Value))
            .ToHashSet(StringComparer.Ordinal);

        var without = rows.Where(row => !row.Tests.Any()).Select(row => row.Line);
        var missing = rows.SelectMany(row => row.Tests).Where(test => !known.Contains(test));

        Assert.NotEmpty(rows);
        Assert.Empty(without);
        Assert.Empty(missing);
    }

    /// <summary>One recording makes both: <c>docs/day/record.py</c>.</summary>
    [Fact]
    public void The_recorded_day_is_the_same_as_picture_and_as_text()
    {
        var readme = File.ReadAllText(RepositoryFolder.Combine("README.md")).ReplaceLineEndings("\n");
        var text = Recording().Match(readme).Groups[1].Value.Split('\n').Where(line => line.Length > 0);
        var picture = XDocument.Load(RepositoryFolder.Combine("docs", "day.svg")).Descendants()
            .Where(element => element.Name.LocalName == "text").Select(element => element.Value).ToList();

        Assert.NotEmpty(picture);
        Assert.Equal(picture, text);
    }

    // [text](target), without the anchor.
    [GeneratedRegex(@"\]\(([^)#\s]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();

    // `SomeTests`, and no path.
    [GeneratedRegex(@"`(\w+)`")]
    private static partial Regex CodeName();

    // class SomeTests, Task A_name_that_says_it(, void ...
    [GeneratedRegex(@"\b(?:class|void|Task)\s+(\w+)")]
    private static partial Regex DeclaredName();

    [GeneratedRegex(@"<summary>The same as text</summary>\n\n```console\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Recording();

    // `src/A/B.cs`, and no placeholder or pattern.
    [GeneratedRegex(@"`([A-Za-z.][\w./-]*)`")]
    private static partial Regex CodePath();
}
