using Dynospace.Api;
using Dynospace.EndToEnd.Tests.Client;

namespace Dynospace.EndToEnd.Tests.Faults;

/// <summary>What may be made once, as the history of a space tells.</summary>
internal static class MadeOnce
{
    /// <summary>Each dyno of the formation was made once, had one pod ever, and is there.</summary>
    public static void Require(
        IReadOnlyList<SeenChange> history, string app, params (string Type, int Quantity)[] formation)
    {
        var dynos =
            formation.SelectMany(process => Enumerable.Range(1, process.Quantity)
                .Select(index => $"{app}.{process.Type}.{index}")).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(dynos, Made(history, Kinds.Dyno).Select(dyno => dyno.Name).Order(StringComparer.Ordinal));
        Assert.Equal(
            dynos, Made(history, Kinds.Pod).Select(pod => pod.Label(Labels.Dyno)!).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(
            history,
            change => change.Type == ChangeType.Deleted
                && (change.Object.Kind == Kinds.Dyno || change.Object.Kind == Kinds.Pod));
        Assert.Single(Made(history, Kinds.Revision));
    }

    private static IEnumerable<SeenObject> Made(IReadOnlyList<SeenChange> history, Runtime.ResourceKind kind) =>
        history.Where(change => change.Type == ChangeType.Added && change.Object.Kind == kind)
            .Select(change => change.Object);
}
