using System.Reflection;
using Xunit;

namespace Dynospace.Architecture.Tests;

/// <summary>References point one way: hosts, controllers, then planning and runtime, then the API types.</summary>
public sealed class ProjectReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Dynospace.Api"] = [],
        ["Dynospace.Runtime"] = [],
        ["Dynospace.Hosting"] = ["Dynospace.Runtime"],
        ["Dynospace.Planning"] = ["Dynospace.Api"],
        ["Dynospace.Controllers"] = ["Dynospace.Api", "Dynospace.Planning", "Dynospace.Runtime"],
        ["Dynospace.Operator"] =
        [
            "Dynospace.Api",
            "Dynospace.Planning",
            "Dynospace.Runtime",
            "Dynospace.Controllers",
            "Dynospace.Hosting",
        ],
        ["Dynospace.Gate"] = [],
        ["Dynospace.Linux"] = [],
        ["Dynospace.NodeAgent"] =
        [
            "Dynospace.Api",
            "Dynospace.Hosting",
            "Dynospace.Linux",
            "Dynospace.Planning",
            "Dynospace.Reachability",
            "Dynospace.Runtime",
        ],
        ["Dynospace.Router"] = ["Dynospace.Api", "Dynospace.Hosting", "Dynospace.Planning", "Dynospace.Runtime"],
    };

    public static TheoryData<string> Assemblies => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void A_project_references_only_what_is_below_it(string name)
    {
        var referenced = Find(name).GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(reference => reference.StartsWith("Dynospace.", StringComparison.Ordinal));

        Assert.Empty(referenced.Except(Allowed[name]));
    }

    [Fact]
    public void The_controllers_do_reference_planning_and_runtime()
    {
        var referenced = Find("Dynospace.Controllers").GetReferencedAssemblies().Select(reference => reference.Name);

        Assert.Superset(new HashSet<string?> { "Dynospace.Planning", "Dynospace.Runtime" }, referenced.ToHashSet());
    }

    private static Assembly Find(string name) => Assembly.Load(new AssemblyName(name));
}
