using System.Reflection;
using System.Text;
using Dynospace.Router.Tests.Support;

namespace Dynospace.Router.Tests.Conformance;

/// <summary>
/// The table in docs/router.md is made of the tests: a row without a test, or a test without its row, cannot be.
/// </summary>
public sealed class ConformanceTableTests
{
    private const string Begin =
        "<!-- The table below is written by Dynospace.Router.Tests: UPDATE_GOLDEN=1 rewrites it. -->\n";
    private const string End = "<!-- The table ends here. -->\n";
    private static readonly string[] Areas =
        [
            "Routing",
            "Connect",
            "Time-outs",
            "Codes",
            "Headers",
            "Limits",
            "Bad requests",
            "Protocols",
            "TLS",
            "Trusted ranges",
            "PROXY protocol",
            "Log",
            "Draining",
        ];

    [Fact]
    public void The_table_is_that_of_the_tests()
    {
        var path = RepositoryFolder.Combine("docs", "router.md");
        var page = File.ReadAllText(path).ReplaceLineEndings("\n");
        var begin = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = page.IndexOf(End, StringComparison.Ordinal);

        GoldenFile.Verify(path, page[..begin] + Table() + page[end..]);
    }

    [Fact]
    public void Every_code_of_the_router_has_a_row()
    {
        var behaviours = Rows().SelectMany(row => new[] { row.Row.Behaviour, row.Row.Answer }).ToList();

        var codes = typeof(RouterErrors).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => ((RouterError)field.GetValue(null)!).Code)
            .OfType<string>()
            .Distinct();

        Assert.DoesNotContain(codes, code => !behaviours.Exists(text => text.Contains(code, StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_row_is_a_test()
    {
        Assert.All(Rows(), row => Assert.NotNull(row.Test.GetCustomAttribute<FactAttribute>()));
        Assert.Empty(Rows().Select(row => row.Row.Area).Except(Areas));
    }

    private static string Table()
    {
        var table = new StringBuilder();
        foreach (var area in Areas)
        {
            table.Append($"\n### {area}\n\n| behaviour | answer | test |\n|---|---|---|\n");
            foreach (var (row, test) in Rows().Where(row => row.Row.Area == area))
            {
                table.Append($"| {row.Behaviour} | {row.Answer} | `{test.DeclaringType!.Name}.{test.Name}` |\n");
            }
        }

        return table.Append('\n').ToString();
    }

    /// <summary>In the order of the codes, then of the text: an order that does not hang on the compiler.</summary>
    private static List<(ConformanceAttribute Row, MethodInfo Test)> Rows() =>
    [
        .. typeof(ConformanceTableTests).Assembly.GetTypes()
            .SelectMany(
                type =>
                    type.GetMethods(
                        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .SelectMany(
                method => method.GetCustomAttributes<ConformanceAttribute>().Select(row => (Row: row, Test: method)))
            .OrderBy(row => row.Row.Behaviour, StringComparer.Ordinal)
            .ThenBy(row => row.Test.Name, StringComparer.Ordinal),
    ];
}
