// A small arithmetic unit with a register and a state: enough for a synthesis tool to elaborate, optimise and map.
module alu(input clk, input reset, input [1:0] op, input [7:0] a, input [7:0] b, output reg [7:0] y, output zero);
  reg [7:0] next;
  always @* begin
    case (op)
      2'd0: next = a + b;
      2'd1: next = a & b;
      2'd2: next = a ^ b;
      default: next = y;
    endcase
  end
  always @(posedge clk)
    if (reset) y <= 8'd0;
    else y <= next;
  assign zero = y == 8'd0;
endmodule
