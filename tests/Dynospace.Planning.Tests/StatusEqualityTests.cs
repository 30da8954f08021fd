using System.Reflection;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests;

public sealed class StatusEqualityTests
{
    public static TheoryData<string> SpaceFields => [.. FieldsOf<SpaceStatus>()];

    public static TheoryData<string> AppFields => [.. FieldsOf<AppStatus>()];

    public static TheoryData<string> DynoFields => [.. FieldsOf<DynoStatus>()];

    [Theory]
    [MemberData(nameof(SpaceFields))]
    public void A_changed_field_of_a_space_status_is_a_change(string field) =>
        AssertDiffers<SpaceStatus>(field, (left, right) => left.IsEquivalentTo(right));

    [Theory]
    [MemberData(nameof(AppFields))]
    public void A_changed_field_of_an_app_status_is_a_change(string field) =>
        AssertDiffers<AppStatus>(field, (left, right) => left.IsEquivalentTo(right));

    [Theory]
    [MemberData(nameof(DynoFields))]
    public void A_changed_field_of_a_dyno_status_is_a_change(string field) =>
        AssertDiffers<DynoStatus>(field, (left, right) => left.IsEquivalentTo(right));

    [Theory]
    [InlineData(nameof(V1Condition.Status))]
    [InlineData(nameof(V1Condition.Reason))]
    [InlineData(nameof(V1Condition.Message))]
    [InlineData(nameof(V1Condition.Type))]
    [InlineData(nameof(V1Condition.ObservedGeneration))]
    [InlineData(nameof(V1Condition.LastTransitionTime))]
    public void A_changed_field_of_a_condition_is_a_change(string field)
    {
        var changed = Condition();
        Set(changed, typeof(V1Condition).GetProperty(field)!);

        Assert.True(new AppStatus { Conditions = [Condition()] }.IsEquivalentTo(new() { Conditions = [Condition()] }));
        Assert.False(new AppStatus { Conditions = [Condition()] }.IsEquivalentTo(new() { Conditions = [changed] }));
    }

    [Fact]
    public void An_empty_list_is_no_list() => Assert.True(new SpaceStatus { OutboundIPs = [] }.IsEquivalentTo(new()));

    [Fact]
    public void Another_internal_address_is_a_change() =>
        Assert.False(new SpaceStatus { Router = new() { InternalAddress = "10.96.0.7" } }.IsEquivalentTo(new() { Router = new() }));

    [Theory]
    [MemberData(nameof(Trials))]
    public void Another_trial_is_a_change(IsolationTrial trial) =>
        Assert.False(new SpaceStatus { Isolation = trial }.IsEquivalentTo(new() { Isolation = new() }));

    public static TheoryData<IsolationTrial> Trials => new(
        new IsolationTrial { TriedAt = Sample.Now.UtcDateTime },
        new IsolationTrial { Result = TrialResult.NotEnforced },
        new IsolationTrial { Subject = "changed" },
        new IsolationTrial { Message = "changed" },
        new IsolationTrial { Obstacle = "changed" });

    [Fact]
    public void No_status_is_another_status() => Assert.False(new SpaceStatus().IsEquivalentTo(null));

    private static IEnumerable<string> FieldsOf<T>() => typeof(T).GetProperties().Select(property => property.Name);

    private static void AssertDiffers<T>(string field, Func<T, T, bool> isEquivalent)
        where T : new()
    {
        var changed = new T();
        Set(changed!, typeof(T).GetProperty(field)!);

        Assert.True(isEquivalent(new T(), new T()));
        Assert.False(isEquivalent(changed, new T()));
        Assert.False(isEquivalent(new T(), changed));
    }

    private static void Set(object target, PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        property.SetValue(target, type switch
        {
            _ when type == typeof(string) => "changed",
            _ when type == typeof(long) => 7L,
            _ when type == typeof(int) => 7,
            _ when type == typeof(DynoState) => DynoState.Crashed,
            _ when type == typeof(DateTime) => Sample.Now.UtcDateTime.AddDays(1),
            _ when type == typeof(IList<string>) => new List<string> { "changed" },
            _ when type == typeof(IList<V1Condition>) => new List<V1Condition> { Condition() },
            _ when type == typeof(IsolationTrial) => new IsolationTrial(),
            _ when type == typeof(RouterStatus) => new RouterStatus { PublicAddress = "changed" },
            _ => throw new NotSupportedException($"{property.Name}: teach this test the type {type}"),
        });
    }

    private static V1Condition Condition() =>
        new() { Type = "Up", Status = "True", Reason = "Up", Message = "m", ObservedGeneration = 1, LastTransitionTime = Sample.Now.UtcDateTime };
}
