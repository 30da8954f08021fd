using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Controllers.Reconciling;
using k8s.Models;
using Xunit;

namespace Dynospace.Controllers.Tests.Reconciling;

public sealed class OwnChangesTests
{
    public static TheoryData<string, Action<App>, bool> Changes => new()
    {
        { "nothing", _ => { }, true },
        { "status", app => app.Status = new() { Release = 7 }, true },
        { "resourceVersion", app => app.Metadata.ResourceVersion = "2", true },
        { "generation", app => app.Metadata.Generation = 2, false },
        { "uid: a namesake", app => app.Metadata.Uid = "v", false },
        { "deletion", app => app.Metadata.DeletionTimestamp = DateTime.UnixEpoch, false },
        { "a label more", app => app.Metadata.Labels[Labels.Space] = "acme", false },
        { "another value of a label", app => app.Metadata.Labels["team"] = "b", false },
        { "no labels", app => app.Metadata.Labels = null, false },
        { "an annotation", app => app.Metadata.Annotations = new Dictionary<string, string> { ["a"] = "b" }, false },
        { "a finalizer", app => app.Metadata.Finalizers = ["example.com/hold"], false },
        { "an owner", app => app.Metadata.OwnerReferences = [new V1OwnerReference { Uid = "o" }], false },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Only_a_change_of_nothing_but_the_status_can_wait(string what, Action<App> change, bool canWait)
    {
        var after = Sample();
        change(after);

        Assert.True(OwnChanges.IsStatusOnly(Sample(), after) == canWait, what);
    }

    [Fact]
    public void What_comes_or_goes_cannot_wait()
    {
        Assert.False(OwnChanges.IsStatusOnly(null, Sample()));
        Assert.False(OwnChanges.IsStatusOnly(Sample(), null));
    }

    private static App Sample() => new()
    {
        Metadata = new()
        {
            Name = "shop",
            NamespaceProperty = "acme",
            Uid = "u",
            Generation = 1,
            ResourceVersion = "1",
            Labels = new Dictionary<string, string> { ["team"] = "a" },
        },
    };
}
