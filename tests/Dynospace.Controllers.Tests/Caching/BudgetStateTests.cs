using System.Text.Json;
using Dynospace.Controllers.Caching;
using Xunit;

namespace Dynospace.Controllers.Tests.Caching;

/// <summary>What is kept of a PodDisruptionBudget.</summary>
public sealed class BudgetStateTests
{
    [Theory]
    [InlineData("dynospace", "uid", true, false)]
    // A copy of the operator's own, which a user made.
    [InlineData("dynospace", null, true, true)]
    [InlineData("Helm", null, false, true)]
    public void Which_pods_it_is_for_is_kept_where_nothing_owns_it(
        string manager, string? owner, bool hasContent, bool hasSelector)
    {
        var references = owner is null
            ? "[]"
            : $$"""
                [{"apiVersion":"dynospace.dev/v1alpha1","kind":"App","name":"shop","uid":"{{owner}}","controller":true}]
                """;
        using var budget = JsonDocument.Parse(
            $$$"""
            {"metadata":{"name":"b","namespace":"acme","uid":"1","resourceVersion":"1",
              "labels":{"app.kubernetes.io/managed-by":"{{{manager}}}" },"ownerReferences":{{{references}}} },
             "spec":{"minAvailable":1,"selector":{"matchLabels":{"a":"b"} } } }
            """);

        var state = BudgetState.Decode(budget.RootElement);

        Assert.Equal((hasContent, hasSelector), (state.Live.HasContent, state.Selector is not null));
    }
}
