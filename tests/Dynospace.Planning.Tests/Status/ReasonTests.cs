using Dynospace.Api;

namespace Dynospace.Planning.Tests.Status;

/// <summary>Reasons as types: their names on the wire are the names of their fields.</summary>
public sealed class ReasonTests
{
    public static TheoryData<string> Names =>
        [.. typeof(Reasons).GetFields().Where(found => found.FieldType == typeof(Reason)).Select(found => found.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Reason_is_found_by_its_name(string name)
    {
        var reason = Reason.FromName(name);

        Assert.Equal(name, reason.Name);
        Assert.Equal(name, (string)reason);
        Assert.Same(reason, Reason.FromName(reason));
    }

    [Fact]
    public void Reason_of_another_version_is_neither_passing_nor_early_nor_a_fault()
    {
        var reason = Reason.FromName("Unheard");

        Assert.False(reason.IsPassing || reason.IsEarly || reason.IsFault);
        Assert.Equal(reason, Reason.FromName("Unheard"));
    }
}
