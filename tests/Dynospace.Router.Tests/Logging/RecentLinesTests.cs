using System.Text;
using CsCheck;
using Dynospace.Router.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Dynospace.Router.Tests.Logging;

public sealed class RecentLinesTests
{
    /// <summary>However long lines are, the last ones are kept as they were, up to what fits.</summary>
    [Fact]
    public void The_last_lines_are_kept_as_they_were() =>
        Gen.Int[0, 30_000].Array[1, 60].Sample(lengths =>
        {
            var lines = new AppLines(1);
            var sequence = 0L;
            var written = lengths.Select((length, index) => Text(index, length)).ToList();
            foreach (var line in written)
            {
                lines.Append(ref sequence, 1, Encoding.ASCII.GetBytes(line));
            }

            var kept = lines.After(0).Select(line => Encoding.ASCII.GetString(line.Text)).ToList();
            var fitting = written.AsEnumerable().Reverse()
                .Aggregate((Sum: 0, Count: 0, IsFull: false), (sum, line) =>
                    sum.IsFull || sum.Sum + line.Length > AppLines.MostBytes
                        ? (sum.Sum, sum.Count, true)
                        : (sum.Sum + line.Length, sum.Count + 1, false)).Count;
            return kept.SequenceEqual(written.TakeLast(kept.Count)) && kept.Count == fitting;
        });

    /// <summary>Each request pays for its line.</summary>
    [Fact]
    public void A_line_of_an_app_whose_buffer_has_grown_allocates_nothing()
    {
        var lines = new RecentLines(new FakeTimeProvider());
        var line = new byte[300];
        Append(2_000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Append(1_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Append(int count)
        {
            for (var i = 0; i < count; i++)
            {
                lines.Append("acme-prod", "shop", line);
            }
        }
    }

    [Fact]
    public void Numbers_grow_and_lines_after_one_are_given()
    {
        var lines = new RecentLines(new FakeTimeProvider());
        lines.Append("acme-prod", "shop", "first"u8);
        lines.Append("acme-prod", "blog", "of another app"u8);
        lines.Append("acme-prod", "shop", "second"u8);

        var all = lines.After("acme-prod", "shop", 0);

        Assert.Equal(["first", "second"], all.Select(line => Encoding.ASCII.GetString(line.Text)));
        Assert.Equal(
            ["second"],
            lines.After("acme-prod", "shop", all[0].Sequence).Select(line => Encoding.ASCII.GetString(line.Text)));
        Assert.Empty(lines.After("acme-test", "shop", 0));
    }

    [Fact]
    public void The_app_that_was_silent_longest_loses_its_lines()
    {
        var clock = new FakeTimeProvider();
        var lines = new RecentLines(clock, mostApps: 2);
        foreach (var app in new[] { "one", "two", "one", "three" })
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            lines.Append("acme-prod", app, "line"u8);
        }

        Assert.Equal(2, lines.After("acme-prod", "one", 0).Count);
        Assert.Empty(lines.After("acme-prod", "two", 0));
        Assert.Single(lines.After("acme-prod", "three", 0));
    }

    private static string Text(int index, int length) => new((char)('a' + (index % 26)), length);
}
