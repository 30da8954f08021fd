using System.Text.RegularExpressions;
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

    // [text](target), without the anchor.
    [GeneratedRegex(@"\]\(([^)#\s]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();

    // `src/A/B.cs`, and no placeholder or pattern.
    [GeneratedRegex(@"`([A-Za-z.][\w./-]*)`")]
    private static partial Regex CodePath();
}
