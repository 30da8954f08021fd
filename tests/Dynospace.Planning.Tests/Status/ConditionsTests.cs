using Dynospace.Api;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Status;

public sealed class ConditionsTests
{
    [Theory]
    [InlineData(ConditionStatus.True, false)]
    [InlineData(ConditionStatus.False, true)]
    public void The_transition_time_moves_only_when_the_status_flips(string next, bool moves)
    {
        var first = With(null, "Up", ConditionStatus.True, "A", Sample.Now);

        var second = With(first, "Up", next, "B", Sample.Now.AddMinutes(5));

        Assert.Equal(moves, Assert.Single(second).LastTransitionTime != first[0].LastTransitionTime);
        Assert.Equal("B", second[0].Reason);
    }

    [Fact]
    public void Times_are_whole_seconds_in_UTC()
    {
        var condition = Assert.Single(
            With(
                null,
                "Up",
                ConditionStatus.True,
                "A",
                new DateTimeOffset(2026, 3, 1, 14, 0, 0, 987, TimeSpan.FromHours(2))));

        Assert.Equal(new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc), condition.LastTransitionTime);
        Assert.Equal(DateTimeKind.Utc, condition.LastTransitionTime.Kind);
    }

    [Fact]
    public void Conditions_are_sorted_by_type_and_the_given_list_stays_as_it_is()
    {
        var one = With(null, "Ready", ConditionStatus.True, "A", Sample.Now);

        var two = With(one, "Accepted", ConditionStatus.True, "A", Sample.Now);

        Assert.Equal(["Accepted", "Ready"], two.Select(condition => condition.Type));
        Assert.Single(one);
        Assert.Equal("Accepted", Assert.Single(Conditions.Without(two, "Ready")).Type);
    }

    [Fact]
    public void A_message_of_any_length_stays_readable()
    {
        var condition = Assert.Single(
            Conditions.With(null, "Up", ConditionStatus.True, "A", new('x', 40_000), 1, Sample.Now));

        Assert.Equal(1024, condition.Message.Length);
        Assert.EndsWith("…", condition.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain: \u201cgrüße\u201d, 雪", "plain: \u201cgrüße\u201d, 雪")]
    [InlineData("one\r\ntwo\tthree", "one  two three")]
    [InlineData("\u001b[31mred\u0007", " [31mred ")]
    [InlineData("a\u202eb\u2066c\u200bd\u2028e\u0085f\0g", "a b c d e f g")]
    public void A_message_holds_nothing_that_a_terminal_would_obey(string text, string readable) =>
        Assert.Equal(
            readable,
            Assert.Single(Conditions.With(null, "Up", ConditionStatus.True, "A", text, 1, Sample.Now)).Message);

    [Fact]
    public void Of_kstatus_only_what_applies_is_there()
    {
        var table = new ConditionTable(
            [new() { Type = ConditionTypes.Stalled, Status = ConditionStatus.True }],
            1,
            Sample.Now,
            TimeSpan.FromMinutes(4));

        table.SetReady(new(Progress.Moving, Reasons.Progressing, "on its way"));

        Assert.Equal(
            [ConditionTypes.Ready, ConditionTypes.Reconciling], table.ToList().Select(condition => condition.Type));
    }

    private static IList<V1Condition> With(
        IList<V1Condition>? list, string type, string status, string reason, DateTimeOffset now) =>
        Conditions.With(list, type, status, reason, "message", 1, now);
}
